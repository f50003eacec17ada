/* What the browser does by itself: settings that it keeps, the proof panel, scrolling, copying.
   Loaded in the head, before Gradio; asks nothing of any other server. */
"use strict";

const articleQa = (() => {
  const COOKIE = "article-qa-settings";
  const PAGES = { en: "en", hi: "hi", id: "id", zh: "zh-CN" }; // as Gradio calls its languages
  const root = document.documentElement;

  // Settings

  const kept = () => {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${COOKIE}=`));
    try {
      return JSON.parse(decodeURIComponent(found.slice(COOKIE.length + 1))) || {};
    } catch {
      return {};
    }
  };

  const pageLanguage = () => {
    const wanted = [kept().page, ...navigator.languages].map((code) => String(code || "").slice(0, 2));
    return wanted.find((code) => code in PAGES) || "en";
  };

  const keep = (name, value) => {
    const text = encodeURIComponent(JSON.stringify({ ...kept(), [name]: String(value ?? "") }));
    document.cookie = `${COOKIE}=${text}; path=/; max-age=34560000; samesite=lax`;
    if (name === "look") wear();
    if (name === "page") location.reload();
  };

  const isDark = () => {
    const look = kept().look || "system";
    return look === "dark" || (look !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  };

  const wear = () => {
    const dark = isDark();
    root.style.colorScheme = dark ? "dark" : "light";
    root.classList.toggle("dark", dark);
    document.body?.classList.toggle("dark", dark);
  };

  // Gradio takes its language from the browser and has no other way to be told.
  const language = pageLanguage();
  const speak = () => {
    root.lang = PAGES[language];
    for (const [name, value] of [["language", PAGES[language]], ["languages", [PAGES[language]]]]) {
      Object.defineProperty(navigator, name, { configurable: true, get: () => value });
    }
  };

  // Clicks that the server answers: elements with data-act say what is meant.

  const listen = (element, trigger) => {
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button || (button.dataset.sure && !confirm(button.dataset.sure))) return;
      if (button.dataset.act === "open") showSide(false);
      trigger("click", { ...button.dataset });
    });
    element.addEventListener("rename", (event) => trigger("click", { act: "rename", ...event.detail }));
  };

  // On a phone the list of conversations covers the page, so it is there only when asked for.
  const showSide = (shown) => {
    const button = document.querySelector("[data-menu]");
    root.classList.toggle("side-shown", shown);
    button?.setAttribute("aria-expanded", String(shown));
    if (shown) document.querySelector("#side button")?.focus();
    else if (document.activeElement?.closest("#side")) button?.focus();
  };

  const rename = (button) => {
    const item = button.closest("li");
    const name = item.querySelector(".name");
    const input = Object.assign(document.createElement("input"), {
      value: button.dataset.title, maxLength: 80, className: "rename",
    });
    input.setAttribute("aria-label", button.textContent);
    item.querySelector("details").open = false;
    name.replaceWith(input);
    input.select();
    let over = false;
    const end = (save) => {
      if (over) return;
      over = true;
      const title = input.value.trim();
      input.replaceWith(name);
      name.focus();
      if (save && title && title !== button.dataset.title) {
        name.textContent = title;
        item.dispatchEvent(new CustomEvent("rename", { bubbles: true, detail: { id: button.dataset.rename, title } }));
      }
    };
    input.addEventListener("blur", () => end(true));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
      event.stopPropagation();
    });
  };

  const copy = async (button) => {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const said = button.textContent;
    button.textContent = say("copied");
    setTimeout(() => { button.textContent = said; }, 1500);
  };

  // Words of the page: the same that Gradio was given.
  const say = (name) => {
    const words = window.gradio_config?.i18n_translations || {};
    return words[PAGES[language]]?.[name] || words.en?.[name] || name;
  };

  // The proof panel

  let opener = null;
  let asked = 0;

  const panel = () => document.getElementById("proof");

  const openProof = async (link) => {
    const aside = panel();
    if (!aside) return;
    const mine = ++asked;
    if (!aside.contains(link)) opener = link;
    const address = link.dataset.proof;
    let text;
    try {
      const answer = await fetch(`/${address}?part=1`);
      if (answer.status === 401) return location.reload();
      text = await answer.text();
    } catch {
      text = `<p class="trouble"></p>`;
    }
    if (mine !== asked) return; // another was clicked meanwhile
    aside.innerHTML =
      `<header><h2 id="proof-title"></h2><button type="button" class="close"></button></header>${text}`;
    aside.querySelector("#proof-title").textContent = say("proof");
    aside.querySelector(".trouble:empty")?.append(say("lost_connection"));
    const close = aside.querySelector(".close");
    close.textContent = "×";
    close.setAttribute("aria-label", say("close"));
    close.addEventListener("click", closeProof);
    aside.setAttribute("aria-labelledby", "proof-title");
    aside.hidden = false;
    root.classList.add("proving");
    for (const other of document.querySelectorAll("[aria-expanded=true][data-proof]")) {
      other.removeAttribute("aria-expanded");
    }
    if (opener?.isConnected) opener.setAttribute("aria-expanded", "true");
    const mark = aside.querySelector("mark.here");
    showMark(aside, mark);
    (mark || close).focus({ preventScroll: true });
  };

  // The words stand a third down the part that scrolls.
  const showMark = (aside, mark) => {
    if (!mark) return;
    const box = mark.closest(".article");
    const place = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += place - box.clientHeight / 4;
  };

  const closeProof = () => {
    const aside = panel();
    if (!aside || aside.hidden) return;
    asked += 1;
    aside.hidden = true;
    aside.innerHTML = "";
    root.classList.remove("proving");
    opener?.removeAttribute("aria-expanded");
    if (opener?.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  };

  document.addEventListener("click", (event) => {
    const found = (selector) => event.target.closest?.(selector);
    const link = found("a[data-proof]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && panel()) {
      event.preventDefault();
      openProof(link);
    } else if (found("[data-copy]")) copy(found("[data-copy]"));
    else if (found("[data-rename]")) rename(found("[data-rename]"));
    else if (found("[data-menu]")) showSide(!root.classList.contains("side-shown"));
    else if (!found("#side") || found("#begin")) showSide(false);
    if (found("[data-dismiss]")) found(".notice").remove();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || found(".menu button, .menu a")) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (root.classList.contains("side-shown")) showSide(false);
    else closeProof();
  });

  // While an answer is made: the clock, and the end of the page in sight for who is there already.

  let begun = null;
  const tick = () => {
    const clock = document.querySelector("#live [data-elapsed]");
    if (!clock) begun = null;
    else {
      const told = Number(clock.dataset.elapsed);
      if (!begun || begun.told !== told) begun = { told, at: performance.now() };
      const seconds = (told + (performance.now() - begun.at) / 1000).toFixed(1);
      clock.textContent = say("seconds").replace("{seconds}", seconds);
    }
  };

  let following = true;
  const atEnd = () => innerHeight + scrollY >= root.scrollHeight - 80;

  const watch = () => {
    addEventListener("scroll", () => { following = atEnd(); }, { passive: true });
    new MutationObserver((changes) => {
      document.querySelector("[data-menu]:not([aria-label])")?.setAttribute("aria-label", say("conversations"));
      const talk = changes.some(({ target }) =>
        (target.nodeType === 1 ? target : target.parentElement)?.closest("#turns, #live"));
      if (!talk) return;
      address();
      const said = document.querySelector(".exchange");
      if (following && said) scrollTo({ top: root.scrollHeight, behavior: "instant" });
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    setInterval(tick, 100);
  };

  // The address says which conversation is open, so that it is found again when loaded anew.
  const address = () => {
    const open = document.querySelector("#turns .turns")?.dataset.conversation;
    if (open === undefined) return;
    const url = new URL(location.href);
    if ((url.searchParams.get("c") || "") === open) return;
    if (open) url.searchParams.set("c", open);
    else url.searchParams.delete("c");
    history.replaceState(history.state, "", url);
    following = true;
    closeProof();
  };

  const start = () => {
    wear();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", wear);
    new MutationObserver(() => {
      if (document.body.classList.contains("dark") !== isDark()) wear();
    }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    watch();
  };

  speak();
  wear();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();

  return { keep, listen };
})();
