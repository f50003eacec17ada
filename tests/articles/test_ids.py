from hypothesis import given
from hypothesis import strategies as st

from index.articles.ids import told_apart

FOLDERS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4)


def never(id: str) -> bool:
    return False


def test_files_of_one_name_are_told_apart_by_the_folders_above() -> None:
    files = {"/home/a/notes.txt": "notes.txt", "/home/b/notes.txt": "notes.txt"}

    assert told_apart(files, [], never) == {
        "/home/a/notes.txt": "a/notes.txt",
        "/home/b/notes.txt": "b/notes.txt",
    }


def test_as_many_folders_are_named_as_are_needed() -> None:
    files = {f"/x/{way}/notes.txt": "notes.txt" for way in ("2023/may", "2024/may", "2024/june")}

    assert sorted(told_apart(files, [], never).values()) == [
        "2023/may/notes.txt",
        "2024/may/notes.txt",
        "june/notes.txt",
    ]


def test_no_id_is_the_end_of_another_files_path() -> None:
    # That one is called notes.txt; b/notes.txt would seem to be it.
    taken = {"notes.txt"}.__contains__
    named = told_apart({"/y/b/notes.txt": "notes.txt"}, ["/x/b/notes.txt"], taken)

    assert named == {"/y/b/notes.txt": "y/b/notes.txt"}


def test_a_path_that_others_end_with_is_named_as_a_whole() -> None:
    files = {"/b/notes.txt": "notes.txt", "/a/b/notes.txt": "notes.txt"}

    assert told_apart(files, [], never) == {path: path[1:] for path in files}


def test_a_path_that_another_file_has_as_its_id_gets_a_number() -> None:
    named = told_apart({"/notes.txt": "notes.txt"}, ["/a/notes.txt"], {"notes.txt"}.__contains__)

    assert named == {"/notes.txt": "notes (2).txt"}


@given(st.lists(FOLDERS, min_size=1, max_size=6, unique_by=tuple))
def test_ids_are_unique_ends_of_the_paths_in_whatever_order(
    folders: list[list[str]],
) -> None:
    paths = ["/" + "/".join([*folder, "n.txt"]) for folder in folders]
    files = dict.fromkeys(paths, "n.txt")
    named = told_apart(files, [], never)

    assert len(set(named.values())) == len(paths)
    assert all(path.endswith(f"/{id}") for path, id in named.items())
    assert told_apart(dict.fromkeys(reversed(paths), "n.txt"), [], never) == named
