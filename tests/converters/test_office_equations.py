"""Equations of Office read as one line that says the same."""

import pytest

from index.converters.archive import parsed
from index.converters.equations import linear
from tests.support.office_files import element


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def e(content: str) -> str:
    return f"<m:e>{content}</m:e>"


def two(tag: str, first: tuple[str, str], second: tuple[str, str], settings: str = "") -> str:
    inside = "".join(f"<m:{name}>{content}</m:{name}>" for name, content in (first, second))
    return f"<m:{tag}>{settings}{inside}</m:{tag}>"


def power(base: str, exponent: str) -> str:
    return two("sSup", ("e", r(base)), ("sup", r(exponent)))


def fraction(above: str, below: str, settings: str = "") -> str:
    return two("f", ("num", above), ("den", below), settings)


def brackets(content: str, begin: str = "(", end: str = ")") -> str:
    settings = f'<m:dPr><m:begChr m:val="{begin}"/><m:endChr m:val="{end}"/></m:dPr>'
    return f"<m:d>{settings}{content}</m:d>"


MATRIX = f"<m:m><m:mr>{e(r('1'))}{e(r('0'))}</m:mr><m:mr>{e(r('0'))}{e(r('-1'))}</m:mr></m:m>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (r("E=m") + power("c", "2"), "E=mc^2"),
        (power("x", "n+1"), "x^(n+1)"),
        (power("ab", "2"), "(ab)^2"),
        (power("x", "2") + r("y"), "x^2 y"),
        (r("L=") + fraction(r("W+C"), r("4")), "L=(W+C)/4"),
        (fraction(r("1"), r("n")) + brackets(e(r("a+b"))), "1/n (a+b)"),
        (fraction(r("a"), r("bc")), "a/(bc)"),
        (brackets(e(fraction(r("n"), r("k"), '<m:fPr><m:type m:val="noBar"/></m:fPr>'))), "(n¦k)"),
        (two("sSub", ("e", r("x")), ("sub", r("1,2"))), "x_(1,2)"),
        ("<m:sSubSup>" + e(r("x")) + f"<m:sub>{r('1')}</m:sub><m:sup>{r('2')}</m:sup></m:sSubSup>",
         "x_1^2"),
        (f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>{e(r("x+1"))}</m:rad>',
         "√(x+1)"),
        (f"<m:rad><m:deg>{r('3')}</m:deg>{e(r('27'))}</m:rad>", "∛27"),
        (f"<m:rad><m:deg>{r('n')}</m:deg>{e(r('x'))}</m:rad>", "√[n]x"),
        (f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{r("i=1")}</m:sub>'
         f"<m:sup>{r('n')}</m:sup>{e(power('i', '2'))}</m:nary>", "∑_(i=1)^n i^2"),
        (f"<m:nary><m:sub>{r('0')}</m:sub><m:sup>{r('1')}</m:sup>{e(r('xdx'))}</m:nary>",
         "∫_0^1 xdx"),
        (r("A=") + MATRIX, "A=[1, 0; 0, -1]"),
        (brackets(e(MATRIX)), "(1, 0; 0, -1)"),
        (brackets(f"<m:e><m:eqArr>{e(r('1, x'))}{e(r('0, y'))}</m:eqArr></m:e>", "{", ""),
         "{1, x; 0, y"),
        (f"<m:func><m:fName>{r('sin')}</m:fName>{e(r('x'))}</m:func>", "sin x"),
        (two("limLow", ("e", r("lim")), ("lim", r("n→0"))), "lim_(n→0)"),
        (f"<m:acc>{e(r('x'))}</m:acc>", "x\u0302"),
        (f'<m:bar><m:barPr><m:pos m:val="top"/></m:barPr>{e(r("x"))}</m:bar>', "x\u0305"),
        (f'<m:phant><m:phantPr><m:show m:val="0"/></m:phantPr>{e(r("x"))}</m:phant>' + r("y"), "y"),
        (f"<m:borderBox>{e(r('x'))}</m:borderBox>", "x"),
        (r("𝑚"), "m"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_equation_in_one_line(content: str, expected: str) -> None:
    assert linear(parsed(element("m:oMath", content).encode())) == expected


def test_equations_below_each_other_are_parted() -> None:
    both = "".join(f"<m:oMath>{r(text)}</m:oMath>" for text in ("a=1", "b=2"))

    assert linear(parsed(element("m:oMathPara", both).encode())) == "a=1; b=2"
