/* What the browser does by itself: settings, the proof panel, scrolling, focus, copying.
   Loaded in the head, before Gradio; asks nothing of any other server. */
"use strict";

const articleQa = (() => {
  const COOKIE = "article-qa-settings";
  const PAGES = { en: "en", hi: "hi", id: "id", zh: "zh-CN" }; // as Gradio calls its languages
  const DRAFT = "article-qa-draft";
  const LOST = "Connection to the server was lost"; // as Gradio says it, in no other language
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
    document.cookie = `${COOKIE}=${text}; path=${new URL(".", document.baseURI).pathname}; max-age=34560000; samesite=lax`;
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
      if (["open", "only"].includes(button.dataset.act)) toChat();
      if (button.dataset.act === "only" && !touches()) box()?.focus();
      trigger("click", { ...button.dataset });
    });
    for (const act of ["rename", "choose"]) {
      element.addEventListener(act, (event) => trigger("click", { act, ...event.detail }));
    }
  };

  const toChat = () => {
    showSide(false);
    document.getElementById("room-chat-button")?.click();
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
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      area.style.cssText = "position: fixed; inset: 0 auto auto 0; opacity: 0";
      document.body.append(area);
      area.select();
      copied = document.execCommand("copy");
      area.remove();
      button.focus({ preventScroll: true });
    }
    button.textContent = copied ? say("copied") : say("uncopied");
    setTimeout(() => { button.textContent = say("copy"); }, 1500);
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
      const answer = await fetch(`${address}?part=1`);
      if (answer.status === 401) return location.reload();
      // All else tells, as it stands, what was sent here: it is not for the page.
      if (!answer.headers.get("content-type")?.startsWith("text/html")) throw answer;
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
    keepPlace(opener, () => {
      aside.hidden = false;
      root.classList.add("proving");
    });
    const covered = opener?.isConnected ? opener.getBoundingClientRect().bottom + 12 - aside.offsetTop : 0;
    if (aside.offsetTop && covered > 0) scrollBy({ top: covered, behavior: "instant" }); // a sheet, below it
    for (const other of document.querySelectorAll("[aria-expanded=true][data-proof]")) {
      other.removeAttribute("aria-expanded");
    }
    if (opener?.isConnected) opener.setAttribute("aria-expanded", "true");
    const mark = aside.querySelector("mark.here");
    showMark(aside, mark);
    (articleQaSheets.open(aside) || mark || close).focus({ preventScroll: true });
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
    const back = opener && standIn(opener);
    keepPlace(back, () => {
      aside.hidden = true;
      aside.innerHTML = "";
      root.classList.remove("proving");
    });
    back?.removeAttribute("aria-expanded");
    back?.focus({ preventScroll: true });
    opener = null;
  };

  // Lines are broken anew when the panel comes and goes; what is read stays where it is.
  const keepPlace = (element, change) => {
    const before = element?.isConnected ? element.getBoundingClientRect().top : 0;
    change();
    if (element?.isConnected) scrollBy({ top: element.getBoundingClientRect().top - before, behavior: "instant" });
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
    else if (!found("#side")) showSide(false);
    if (found("#begin")) {
      toChat();
      if (!touches()) box()?.focus();
    }
    if (found("#send") && !box()?.value.trim()) box()?.focus();
    editing = Boolean(found("[data-act=edit]"));
    if (found("[data-keep]")) keep("uncalibrated", found("[data-keep]").dataset.keep);
    if (found("[data-dismiss]")) found(".notice").remove();
    leaving = Boolean(found("a[href='logout']"));
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target) || found(".menu button, .menu a")) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (root.classList.contains("side-shown")) showSide(false);
    else closeProof();
  });

  // While an answer is made: the clock.

  let begun = null;
  const tick = () => {
    const clock = document.querySelector("#live [data-elapsed]");
    if (!clock) begun = null;
    else if (root.classList.contains("lost")) return;
    else {
      const told = Number(clock.dataset.elapsed);
      if (!begun || begun.told !== told) begun = { told, at: performance.now() };
      const seconds = (told + (performance.now() - begun.at) / 1000).toFixed(1);
      clock.textContent = say("seconds").replace("{seconds}", seconds);
    }
  };

  // A question that is asked goes to the top of the window and stays there, whatever comes below it.

  let place = null; // where the question being answered is in the window
  const live = () => document.querySelector("#live .exchange");
  const last = () => live() || document.querySelector("#turns .exchange:last-child");

  const hold = () => {
    const now = live();
    if (now && place === null) {
      root.classList.add("asked");
      now.scrollIntoView({ block: "start", behavior: "instant" });
      if (touches()) box()?.blur(); // its keyboard would cover the answer
    } else if (!now && place !== null && last()) {
      scrollBy({ top: last().getBoundingClientRect().top - place, behavior: "instant" });
    }
    note();
  };
  const note = () => { place = live()?.getBoundingClientRect().top ?? null; };

  const watch = () => {
    addEventListener("scroll", note, { passive: true });
    new MutationObserver((changes) => {
      const within = (parts) => changes.some(({ target }) =>
        (target.nodeType === 1 ? target : target.parentElement)?.closest(parts));
      if (within("#turns, #live")) {
        address();
        hold();
      }
      if (within("#turns, #listing")) entitle();
      dress();
      refocus();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    setInterval(tick, 100);
  };

  // What Gradio leaves unsaid about its parts.
  const dress = () => {
    document.querySelector("[data-menu]:not([aria-label])")?.setAttribute("aria-label", say("conversations"));
    const side = document.querySelector("#side:not([role])");
    side?.setAttribute("role", "navigation");
    side?.setAttribute("aria-label", say("conversations"));
    const toasts = [...document.querySelectorAll("[data-testid=toast-text]")];
    for (const toast of toasts) {
      if (toast.textContent.includes(LOST)) toast.textContent = say("lost_connection");
    }
    root.classList.toggle("lost", toasts.some((toast) => toast.textContent === say("lost_connection")));
    if (isReady || !box()) return;
    isReady = true;
    if (!touches()) box().focus({ preventScroll: true }); // Gradio would do it again and again
    box().value = sessionStorage.getItem(DRAFT) || "";
    sessionStorage.removeItem(DRAFT);
    if (box().value) box().dispatchEvent(new Event("input", { bubbles: true }));
  };
  let isReady = false;

  // Gradio loads the page anew when the server is back; what was being typed is not lost by it.
  let leaving = false;
  addEventListener("pagehide", () => {
    if (box()?.value && !leaving) sessionStorage.setItem(DRAFT, box().value);
  });

  // The address says which conversation is open, so that it is found again when loaded anew.
  let shown = null;
  const address = () => {
    const open = document.querySelector("#turns .turns")?.dataset.conversation;
    if (open === undefined || open === shown) return;
    const arriving = shown === null;
    const begun = shown === "" && live();
    shown = open;
    const url = new URL(location.href);
    const before = url.searchParams.get("c") || "";
    if (open) url.searchParams.set("c", open);
    else url.searchParams.delete("c");
    if (arriving || !before) history.replaceState(history.state, "", url);
    else if (before !== open) history.pushState(null, "", url);
    if (begun) return;
    closeProof();
    place = null;
    root.classList.remove("asked");
    last()?.scrollIntoView({ block: "start", behavior: "instant" });
  };

  addEventListener("popstate", () => location.reload()); // to the conversation gone back to

  const entitle = () => {
    const name = document.querySelector("#listing .open .name")?.textContent;
    if (name || !shown) document.title = name ? `${name} · article-qa` : "article-qa";
  };

  // Focus. What has it may be replaced, or gone, once the server answers.

  const touches = () => matchMedia("(pointer: coarse)").matches;
  const box = () => document.querySelector("#box textarea");
  const drops = () => [...document.querySelectorAll("#chips button")];
  let held = null;
  let heldDrop = -1; // which of the chips' buttons it was
  let editing = false; // a question is about to be put into the box

  const refocus = () => {
    if (editing && document.getElementById("banner") && box()?.value) {
      editing = false;
      box().focus();
      box().setSelectionRange(box().value.length, box().value.length);
    }
    if (!held || document.activeElement !== document.body || isSeen(held)) return;
    const gone = held;
    held = null;
    (standIn(gone) || nextTo(gone))?.focus({ preventScroll: true });
  };

  const isSeen = (element) => element.isConnected && element.checkVisibility({ visibilityProperty: true });

  // The element that says and does the same as one that was replaced.
  const standIn = (gone) => {
    if (isSeen(gone)) return gone;
    const told = (element) => JSON.stringify(element.dataset);
    const kept = (link) => link.dataset.proof?.replace(/\/\d+(?=\/[^/]+$)/, "/0");
    const alike = [...document.querySelectorAll(gone.tagName)].filter((other) =>
      other.className === gone.className && isSeen(other));
    const same = told(gone) !== "{}" && alike.find((other) => told(other) === told(gone));
    return same || alike.find((other) => last()?.contains(other) && kept(other) && kept(other) === gone.dataset.proof);
  };

  const nextTo = (gone) => {
    const menu = gone.closest("details.menu");
    if (menu?.isConnected) return menu.querySelector("summary");
    if (gone.closest(".conversations")) return document.querySelector("#listing .name") || document.getElementById("begin");
    const left = drops();
    if (heldDrop >= 0 && left.length) return left[Math.min(heldDrop, left.length - 1)];
    if (["more", "remove"].includes(gone.dataset.act)) return document.querySelector("#articles .wide");
    return touches() ? document.querySelector("#send, #halt") : box();
  };

  document.addEventListener("focusin", (event) => {
    held = event.target;
    heldDrop = drops().indexOf(held);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // A menu that would be cut off below opens upwards.
  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("details.menu[open]")) return;
    target.classList.remove("up");
    const below = target.querySelector("div").getBoundingClientRect().bottom > innerHeight;
    target.classList.toggle("up", below);
  }, true);

  // The Enter that ends a word of Chinese or Hindi sends nothing.
  for (const kind of ["keydown", "keypress"]) {
    document.addEventListener(kind, (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);
  }

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

  return { keep, listen, box, isLeaving: () => leaving };
})();
