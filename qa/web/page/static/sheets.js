/* The page of a PDF in the proof panel: shown in place of the text, turned, and left for the text.
   The server draws it and says where the cited words stand. Loaded after page.js. */
"use strict";

const articleQaSheets = (() => {
  const VIEW = "article-qa-proof-view";
  let asked = 0;

  const kept = () => sessionStorage.getItem(VIEW) || "page";
  const parts = (within) => ({
    views: within.querySelector(".views"),
    sheets: within.querySelector("[data-sheet]"),
    text: within.querySelector(".proof .article"),
  });

  // What was just put on the page; gives the part that the focus belongs to, or null.
  const open = (within) => {
    const { views, sheets } = parts(within);
    asked += 1; // what another proof is waiting for is not shown in this one
    if (!sheets) return null;
    views.hidden = false;
    show(within, kept());
    return kept() === "page" ? sheets : null;
  };

  const show = (within, view) => {
    const { views, sheets, text } = parts(within);
    for (const button of views.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    sheets.hidden = view !== "page";
    text.hidden = view === "page";
    if (view === "page" && !sheets.querySelector(".sheet")) turn(sheets, sheets.dataset.sheet);
    if (view === "text") text.querySelector("mark.here")?.scrollIntoView({ block: "center", behavior: "instant" });
  };

  const turn = async (sheets, address) => {
    const mine = ++asked;
    const [path, at] = address.split("?");
    let found = "";
    sheets.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(at ? `${path}?${at}` : path);
      if (answer.status === 401) return location.reload();
      // All else tells, as it stands, what was sent here: it is not for the page.
      if (!answer.headers.get("content-type")?.startsWith("text/html")) throw answer;
      found = await answer.text();
    } catch {
      found = "";
    }
    if (mine !== asked || !sheets.isConnected) return; // another was asked for meanwhile
    sheets.removeAttribute("aria-busy");
    const held = sheets.contains(document.activeElement);
    const made = document.createRange().createContextualFragment(found);
    if (!made.querySelector(".sheet")) return leave(sheets, made);
    sheets.replaceChildren(made);
    sheets.scrollTop = 0;
    if (held) sheets.focus({ preventScroll: true });
    const picture = sheets.querySelector("img");
    picture.addEventListener("load", () => reveal(sheets), { once: true });
    picture.addEventListener("error", () => broken(sheets, picture), { once: true });
  };

  // There is no picture: the text is shown, and why.
  const leave = (sheets, why) => {
    const within = sheets.closest("#proof, main");
    const { views } = parts(within);
    const hadFocus = sheets === document.activeElement;
    const told = why.querySelector(".trouble");
    if (told) views.before(told);
    show(within, "text");
    views.hidden = true;
    const mark = within.querySelector("mark.here");
    if (hadFocus) (mark || within.querySelector(".article"))?.focus({ preventScroll: true });
  };

  const broken = (sheets, picture) => {
    const told = Object.assign(document.createElement("p"), {
      className: "trouble", textContent: picture.dataset.broken,
    });
    sheets.querySelector(".sheet").replaceChildren(told);
  };

  // The first of the boxes stands a quarter down the part that scrolls.
  const reveal = (sheets) => {
    const box = sheets.querySelector(".box");
    if (!box) return;
    const place = box.getBoundingClientRect().top - sheets.getBoundingClientRect().top;
    sheets.scrollTop += place - sheets.clientHeight / 4;
  };

  document.addEventListener("click", (event) => {
    const view = event.target.closest?.("[data-view]");
    const link = event.target.closest?.("a[data-turn]");
    if (view) {
      sessionStorage.setItem(VIEW, view.dataset.view);
      show(view.closest("#proof, main"), view.dataset.view);
    } else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      turn(link.closest("[data-sheet]"), link.getAttribute("href"));
    }
  });

  // Left and right turn the pages; up and down scroll, as the browser does by itself.
  document.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "-1", ArrowRight: "1" }[event.key];
    const sheets = event.target.closest?.("[data-sheet]");
    if (!way || !sheets || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = sheets.querySelector(`a[data-turn="${way}"]`);
    if (!link) return;
    event.preventDefault();
    turn(sheets, link.getAttribute("href"));
  });

  if (document.documentElement.dataset.alone !== undefined) {
    document.addEventListener("DOMContentLoaded", () => open(document.querySelector("main")));
  }

  return { open };
})();
