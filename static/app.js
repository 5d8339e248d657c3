// What HTML and htmx cannot do: copying, revealing, ordering, counting seconds, keys, colours.
// Every page works without this file; what needs it is hidden until it runs.
"use strict";

const all = (selector, root = document) => root.querySelectorAll(selector);

// Running times count on from the seconds that were served, so the browser's clock does not matter.
const seen = new WeakMap();

function clock(seconds) {
  const two = (value) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function count() {
  const now = performance.now();
  for (const element of all("[data-elapsed]")) {
    if (!seen.has(element)) seen.set(element, now);
    const passed = Math.floor((now - seen.get(element)) / 1000);
    const text = clock(Number(element.dataset.elapsed) + passed);
    if (element.textContent !== text) element.textContent = text;
  }
}

function prepare(root) {
  for (const element of all("[data-copy], [data-reveal], .movers, [data-theme-choice]", root)) {
    element.hidden = false;
  }
  count();
}

// A message that is being heard is not taken away by news; they are looked at afterwards.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "message-list") return;
  const playing = [...all("audio", event.target)].find((audio) => !audio.paused && !audio.ended);
  if (!playing) return;
  event.preventDefault();
  playing.addEventListener("pause", () => htmx.trigger(document.body, "resync"), { once: true });
});

const isNews = (event) => {
  const why = event.detail.requestConfig.triggeringEvent?.type ?? "";
  return ["resync", "rested"].includes(why) || why.startsWith("sse:");
};

// Nor does a list of calls move while somebody reads a row of it or types what to look for.
let readLater = false;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!["call-list", "call-statistics"].includes(event.target.id)) return;
  if (!isNews(event)) return;
  const results = event.target.parentElement;
  if (results.querySelector("details[open]") || document.activeElement.closest(".filters")) {
    event.preventDefault();
    readLater = true;
  }
});
function readAgain() {
  if (!readLater || document.querySelector("#call-results details[open]")) return;
  readLater = false;
  htmx.trigger(document.body, "resync");
}
document.addEventListener("toggle", readAgain, true);
document.addEventListener("focusout", (event) => {
  if (event.target.closest(".filters")) setTimeout(readAgain);
});

// Between two fetches for news some parts rest; what is told meanwhile is fetched afterwards, once. By id: a fetch
// replaces the element.
const rests = new Map();
document.addEventListener("htmx:beforeRequest", (event) => {
  const { id, dataset } = event.target;
  if (!dataset.rest || event.defaultPrevented) return;
  const rest = rests.get(id) ?? { until: 0 };
  rests.set(id, rest);
  clearTimeout(rest.timer);
  const wait = rest.until - performance.now();
  if (wait > 0 && isNews(event)) {
    event.preventDefault();
    rest.timer = setTimeout(() => htmx.trigger(`#${id}`, "rested"), wait);
  } else {
    rest.until = performance.now() + Number(dataset.rest);
  }
});

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(source.dataset.value ?? source.textContent);
    const text = label?.textContent;
    button.dataset.copied = "";
    if (label) label.textContent = button.dataset.done;
    setTimeout(() => {
      delete button.dataset.copied;
      if (label) label.textContent = text;
    }, 2000);
  } catch {
    // Without a secure address the browser has no clipboard: select it for the copy key.
    getSelection().selectAllChildren(source);
  }
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
}

function move(button) {
  const item = button.closest("li");
  const other = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (button.dataset.move === "up") other.before(item); else other.after(item);
  let place = 0;
  for (const select of all("select", item.parentElement)) {
    if (select.value) select.selectedIndex = ++place;
  }
  chooseOwnOrder(item);
  button.focus();
}

function chooseOwnOrder(element) {
  const own = element.closest("fieldset").querySelector("input[value=own]");
  if (own) own.checked = true;
}

function setTheme(value) {
  const root = document.documentElement;
  if (value) root.dataset.theme = value; else delete root.dataset.theme;
  const age = value ? 31536000 : 0;
  document.cookie = `theme=${value}; path=/; max-age=${age}; samesite=lax`;
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on("[data-copy]")) copy(on("[data-copy]"));
  if (on("[data-reveal]")) reveal(on("[data-reveal]"));
  if (on("[data-move]")) move(on("[data-move]"));
  if (on(".toast-close")) {
    event.preventDefault();
    on(".toast").remove();
  }
  if (on("dialog [data-close]")) {
    event.preventDefault();
    on("dialog").close();
  }
  for (const menu of all(".user-menu[open], .confirm[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("change", (event) => {
  if (event.target.name === "theme") setTheme(event.target.value);
  if (event.target.closest("[data-order]")) chooseOwnOrder(event.target);
});

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), select, textarea");

function step(direction) {
  const links = [...all(".stretched, .tile")];
  const index = links.indexOf(document.activeElement);
  if (index < 0 && !document.activeElement.closest("table, .tiles, #q")) return false;
  const next = links[index + direction];
  if (next) next.focus();
  return Boolean(next);
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.form?.method === "post") {
    target.form.requestSubmit();
  } else if (key === "Escape") {
    for (const menu of all(".user-menu[open], .confirm[open]")) menu.open = false;
    if (typing(target)) target.blur();
  } else if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
    return;
  } else if (key === "ArrowDown" || key === "ArrowUp") {
    if ((!typing(target) || target.id === "q") && step(key === "ArrowDown" ? 1 : -1)) event.preventDefault();
  } else if (!typing(target) && /^[a-z/]$/.test(key)) {
    const element = document.querySelector(`[data-key="${key}"]`);
    if (!element) return;
    event.preventDefault();
    if (element.matches("input")) element.select(); else element.click();
  }
});

// What a person unfolded stays unfolded when its list is refreshed.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...all("details[open][id]", event.target)].map((details) => details.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});

document.addEventListener("htmx:afterSettle", (event) => {
  prepare(event.target);
  if (event.target.id === "dialog" && event.target.firstElementChild) event.target.showModal();
});

// A lost stream is said, and everything is fetched once more when it is back. The same goes for parts that could not be
// fetched: what they show may be old, and they are asked for until they come.
const lost = document.getElementById("stream-lost");
const resync = () => document.body.dispatchEvent(new Event("resync"));
const old = new Set();
let interrupted;
let again;
const isLive = (event) => /^(sse:|resync$)/.test(event.detail.requestConfig?.triggeringEvent?.type ?? "");

function tellWhatIsOld() {
  if (lost) lost.hidden = interrupted !== "told" && old.size === 0;
}
document.addEventListener("htmx:sseError", () => {
  interrupted ??= setTimeout(() => {
    interrupted = "told";
    tellWhatIsOld();
  }, 1500);
});
document.addEventListener("htmx:sseOpen", () => {
  if (interrupted === undefined) return;
  clearTimeout(interrupted);
  interrupted = undefined;
  tellWhatIsOld();
  resync();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { target, successful } = event.detail;
  if (successful) old.delete(target.id);
  else if (isLive(event)) old.add(target.id);
  // A part that is gone from the page is no longer waited for.
  for (const id of old) if (!document.getElementById(id)) old.delete(id);
  tellWhatIsOld();
  clearTimeout(again);
  if (old.size > 0) again = setTimeout(resync, 3000);
});

// What a person asked for and did not get is told where messages are told; what was there stays.
function tell(messages) {
  if (messages) document.getElementById("flash")?.replaceChildren(...messages.cloneNode(true).childNodes);
}
document.addEventListener("htmx:responseError", (event) => {
  if (isLive(event)) return;
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  tell(answer.querySelector("#flash"));
});
document.addEventListener("htmx:sendError", (event) => {
  if (!isLive(event)) tell(document.getElementById("unreachable")?.content);
});

prepare(document);
document.querySelector("[data-focus]")?.focus();
setInterval(count, 1000);
