/* Choosing the articles and folders that are asked: what is offered after an @ in the box, and the
   chips above it. The server decides what is offered and what is chosen. Loaded after page.js. */
"use strict";

(() => {
  const { box } = articleQa;
  const CHOSEN = "article-qa-chosen";
  const LONGEST = 100; // code units after an @ that are looked for
  const PAUSE_MS = 120; // after the last key
  const PATIENCE_MS = 5000; // for an answer of the server
  const ADDRESS = /[\w.+-]$/; // before the @ of an e-mail address
  const chips = () => document.querySelector("#chips .chosen");
  const list = () => document.getElementById("matches");
  const options = () => [...(list()?.querySelectorAll("[role=option]") || [])];

  // What is typed after an @

  let wanted = null; // { at, words }: where the @ stands that is completed, and what follows it
  let left = -1; // where an @ stands of which nothing more is to be offered
  let barren = null; // words of which nothing was found, nor will be of longer ones; and how that
  let none = ""; //      is said
  let asked = 0;
  let timer = 0;
  let isLooking = false;
  let afterwards = null; // what is to be done once it is known what is offered

  const typed = () => {
    const it = box();
    if (!it || document.activeElement !== it || it.selectionStart !== it.selectionEnd) return null;
    const before = it.value.slice(0, it.selectionStart);
    const at = Math.max(before.lastIndexOf("@"), before.lastIndexOf("＠"));
    const words = before.slice(at + 1);
    if (at < 0 || words.length > LONGEST || /^\s|\n/.test(words)) return null;
    return ADDRESS.test(before.slice(0, at)) ? null : { at, words };
  };

  const look = () => {
    const now = typed();
    if (!now || now.at !== left) left = -1;
    if (!now || left >= 0) return close();
    if (wanted && now.at === wanted.at && now.words === wanted.words) return;
    wanted = now;
    clearTimeout(timer);
    asked += 1;
    const goesOn = barren !== null && now.words.startsWith(barren) && !/^\p{M}/u.test(now.words.slice(barren.length));
    if (goesOn) return show(none);
    isLooking = true;
    timer = setTimeout(find, PAUSE_MS);
  };

  const find = async () => {
    const mine = asked;
    const { words } = wanted;
    let text = "";
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(`places?part=${encodeURIComponent(words)}`, { signal });
      if (answer.status === 401) return location.reload();
      if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html")) text = await answer.text();
    } catch {
      // The page says by itself that the connection is lost.
    }
    if (mine === asked && wanted) show(text);
  };

  const show = (text) => {
    isLooking = false;
    const shown = list();
    if (!shown) return;
    shown.innerHTML = text;
    const found = options();
    if (text && !found.length) [barren, none] = [wanted.words, text];
    shown.hidden = !found.length && (!text || /\s/.test(wanted.words));
    if (found.length) point(found[0]);
    else plain();
    const next = afterwards;
    afterwards = null;
    next?.();
  };

  const close = () => {
    clearTimeout(timer);
    asked += 1;
    wanted = barren = afterwards = null;
    isLooking = false;
    if (list() && !list().hidden) {
      list().hidden = true;
      list().innerHTML = "";
    }
    plain();
  };

  // The box is a combobox as long as something is offered, else a box for a text of many lines.

  const TOLD = ["role", "aria-expanded", "aria-controls", "aria-haspopup", "aria-autocomplete", "aria-activedescendant"];

  const plain = () => TOLD.forEach((name) => box()?.removeAttribute(name));

  const point = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    const values = ["combobox", "true", "places", "listbox", "list", option.id];
    TOLD.forEach((name, i) => box().setAttribute(name, values[i]));
    option.scrollIntoView({ block: "nearest" });
  };

  const pointed = () => options().find((option) => option.getAttribute("aria-selected") === "true");

  const move = (by) => {
    const all = options();
    point(all[(all.indexOf(pointed()) + by + all.length) % all.length]);
  };

  const take = (option) => {
    const it = box();
    const { at, words } = wanted;
    const before = it.value.slice(0, at);
    const rest = it.value.slice(at + 1 + words.length);
    it.value = before + (/\s$|^$/.test(before) ? rest.replace(/^ /, "") : rest);
    close();
    it.focus();
    it.setSelectionRange(at, at);
    it.dispatchEvent(new Event("input", { bubbles: true }));
    choose([option.dataset.place], option.dataset.name);
  };

  // The chips. The server answers each choice with all of them; until then the next ones wait, and
  // so does a question.

  let serial = null;
  let queue = [];
  let isChoosing = false;
  let patience = 0;
  let sends = false;

  const choose = (places, name = "") => {
    const there = [...(chips()?.querySelectorAll("li") || [])].map((chip) => chip.dataset.place);
    queue.push(...places.filter((place) => !there.includes(place)));
    if (name && !there.includes(places[0])) draw(places[0], name);
    flush();
  };

  const flush = () => {
    if (isChoosing || !queue.length || !chips()) return;
    isChoosing = true;
    chips().dispatchEvent(new CustomEvent("choose", { bubbles: true, detail: { places: queue } }));
    queue = [];
    patience = setTimeout(settle, PATIENCE_MS);
  };

  // A chip at once, until those of the server are there.
  const draw = (place, name) => {
    const row = chips()?.querySelector("ul") || chips()?.appendChild(document.createElement("ul"));
    const chip = Object.assign(document.createElement("li"), { className: "pending", textContent: name });
    chip.dataset.place = place;
    row?.append(chip);
  };

  const settle = () => {
    clearTimeout(patience);
    isChoosing = false;
    for (const chip of document.querySelectorAll("#chips .pending")) {
      if (!queue.includes(chip.dataset.place)) chip.remove();
    }
    flush();
    if (isChoosing || !sends) return;
    sends = false;
    document.querySelector("#send")?.click();
  };

  // Those chosen for a conversation that is not begun are the page's alone; loaded anew, it has none.
  const isNew = () => document.querySelector("#turns .turns")?.dataset.conversation === "";

  const restore = () => {
    const kept = sessionStorage.getItem(CHOSEN);
    sessionStorage.removeItem(CHOSEN);
    if (kept && isNew()) choose(JSON.parse(kept));
  };

  addEventListener("pagehide", () => {
    const places = [...document.querySelectorAll("#chips li[data-place]")].map((chip) => chip.dataset.place);
    if (isNew() && places.length && !articleQa.isLeaving()) sessionStorage.setItem(CHOSEN, JSON.stringify(places));
  });

  const watch = () => new MutationObserver(() => {
    const now = chips()?.dataset.serial;
    if (now === undefined || now === serial) return;
    const arrives = serial === null;
    serial = now;
    if (arrives) restore();
    else settle();
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-serial"] });

  // Keys and clicks. They come here before they come to Gradio.

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  const onKey = (event) => {
    if (event.target !== box() || event.isComposing || event.keyCode === 229) return;
    const key = event.key;
    const isPlain = !(event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
    if (!isPlain) return;
    if (options().length && ["ArrowDown", "ArrowUp"].includes(key)) {
      stop(event);
      move(key === "ArrowDown" ? 1 : -1);
    } else if (wanted && key === "Escape" && !list().hidden) {
      stop(event);
      left = wanted.at;
      close();
    } else if (isLooking && ["Enter", "Tab"].includes(key)) {
      stop(event); // what is offered is not known yet
      afterwards = () => (options().length ? take(options()[0]) : key === "Enter" && send());
    } else if (options().length && ["Enter", "Tab"].includes(key)) {
      stop(event);
      take(pointed());
    } else if (isChoosing && key === "Enter") {
      stop(event);
      sends = true;
    }
  };

  const send = () => {
    close();
    if (isChoosing) sends = true;
    else document.querySelector("#send")?.click();
  };

  const onClick = (event) => {
    const option = event.target.closest?.("#matches [role=option]");
    if (option && wanted) take(option);
    else if (event.target.closest?.("#send") && isChoosing) {
      stop(event);
      sends = true;
    } else if (!event.target.closest?.("#matches")) look();
  };

  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onClick, true);
  document.addEventListener("input", ({ target, isComposing }) => target === box() && !isComposing && look());
  document.addEventListener("compositionend", ({ target }) => target === box() && look());
  document.addEventListener("keyup", ({ target, key }) => {
    if (target === box() && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) look();
  });
  document.addEventListener("focusout", ({ target }) => target === box() && close());
  // A press on what is offered leaves the focus in the box.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.("#matches")) event.preventDefault();
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();
})();
