// The frame around the pages: which one is shown, the stream that feeds it, the theme and the keys.

import { h, pidOf, say, toast } from "./ui.js";
import { learn, reason, turnTo } from "./act.js";
import { overview } from "./overview.js";
import { tree } from "./tree.js";
import { processes } from "./processes.js";
import { process } from "./process.js";
import { held } from "./held.js";
import { entries, table } from "./contents.js";
import { reports } from "./reports.js";
import { trace } from "./trace.js";
import { nodes } from "./nodes.js";

const PAGES = [
  ["overview", "Overview", "M3 12h4l3-8 4 16 3-8h4", overview],
  ["tree", "Tree", "M12 4v5M6 20v-4a3 3 0 0 1 3-3h6a3 3 0 0 1 3 3v4M12 9v11", tree],
  ["processes", "Processes", "M4 6h16M4 12h16M4 18h10", processes],
  ["held", "Held", "M5 6c0-1.1 3.1-2 7-2s7 .9 7 2-3.1 2-7 2-7-.9-7-2Zm0 0v12c0 1.1 3.1 2 7 2s7-.9 7-2V6M5 12c0 1.1 3.1 2 7 2s7-.9 7-2", held],
  ["reports", "Reports", "M12 8v5m0 3.5v.1M10.3 4.200 2.900 17a2 2 0 0 0 1.7 3h14.800a2 2 0 0 0 1.7-3L13.700 4.200a2 2 0 0 0-3.400 0Z", reports],
  ["trace", "Trace", "M4 6h7M8 12h9M13 18h7", trace],
  ["nodes", "Node", "M5 5h14v6H5zM5 14h14v5H5zM8 8h.1M8 16.5h.1", nodes],
];

// Pages of one thing, by the page in the list of pages that they belong to, and how the thing is called in the address.
const PID = /^<?\d+\.\d+\.\d+>?$/;
const INNER = new Map([["process", ["processes", process, PID]], ["table", ["held", table, /^\d{1,19}$/]], ["entries", ["held", entries, PID]]]);

const main = document.getElementById("main");
// The page's own node, and the name of another one if that is shown.
let own = null;
let node = sessionStorage.getItem("node") ?? "";
let source = null;
let wanted = null;
let visits = 0;
let shown = null;

// ---- pages ---------------------------------------------------------------------------------------------------------

// What stands in the address, which anybody can write; nothing if there is no such page.
function address() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const [above, page, place] = INNER.get(name) ?? [name, PAGES.find(([known]) => known === name)?.[3], /^$/];
  try {
    const text = decodeURIComponent(rest.join("/"));
    return page && place.test(text) ? { above, page, place: text, query: new URLSearchParams(query ?? "") } : null;
  } catch {
    return null;
  }
}

function route() {
  const it = address();
  if (!it) {
    location.replace("#/overview");
    return;
  }
  close();
  const held = main.contains(document.activeElement);
  main.replaceChildren();
  // The keyboard goes on where the page begins.
  if (held) main.focus({ preventScroll: true });
  const args = { place: it.place, pid: pidOf(it.place), query: it.query };
  shown = it.page(main, args, { stream, visit });
  mark(it.above);
  document.title = `${shown.title} · ${document.getElementById("program").textContent}`;
  stream(shown.params);
  main.scrollTop = 0;
  scrollTo(0, 0);
}

function mark(name) {
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function close() {
  source?.close();
  shown?.stop?.();
  source = null;
  shown = null;
}

// Feeds the page that is shown; a page that wants to see something else asks again. One that nobody sees is fed seldom.
function stream(params) {
  source?.close();
  wanted = params;
  const search = new URLSearchParams({ ...params, ...(node && { node }), ...(document.hidden && { slow: true }) });
  const feed = new EventSource(`/api/stream?${search}`);
  source = feed;
  feed.addEventListener("open", () => live("live", "live"));
  feed.addEventListener("message", (event) => {
    if (feed !== source) return;
    const data = JSON.parse(event.data);
    if (data?.failed) {
      live("lost", "no answer");
      toast(data.failed, true);
      return;
    }
    live("live", "live");
    shown?.draw(data);
  });
  feed.addEventListener("error", () => {
    if (feed !== source) return;
    live("lost", "no answer");
    // The browser gives up where it was refused; the program may be back later.
    if (feed.readyState === EventSource.CLOSED) setTimeout(() => feed === source && stream(params), 3000);
  });
}

function live(state, words) {
  document.getElementById("live").dataset.state = state;
  say(document.getElementById("live-words"), words);
}

// ---- nodes ---------------------------------------------------------------------------------------------------------

// What another node says of itself, or why it says nothing.
async function introduction(name) {
  try {
    const answer = await fetch(`/api/hello?node=${encodeURIComponent(name)}`);
    const text = await answer.text();
    return answer.ok ? [JSON.parse(text)] : [null, reason(text)];
  } catch (error) {
    return [null, `the program does not answer: ${error.message}`];
  }
}

// Shows another node, or the page's own if there is no name.
async function visit(name) {
  const mine = ++visits;
  let hello = own;
  if (name) {
    const [told, why] = await introduction(name);
    // Another visit has begun since.
    if (mine !== visits) return;
    if (!told) {
      toast(why, true);
      // That of an earlier visit may not be there any more.
      if (node === name) await visit("");
      return;
    }
    hello = { ...told, node: name, acts: told.acts && own.acts };
  }
  node = name;
  sessionStorage.setItem("node", name);
  turnTo(name, hello);
  introduce(hello);
  if (shown) route();
}

function introduce(hello) {
  say(document.getElementById("program"), hello.title);
  say(document.getElementById("node"), `node ${hello.node}`);
  say(document.getElementById("mode"), hello.acts ? "may act" : "read only");
  document.documentElement.dataset.mode = hello.acts ? "acts" : "looks";
  document.getElementById("home").hidden = !node;
}

// ---- theme ---------------------------------------------------------------------------------------------------------

function theme(next) {
  if (next) localStorage.setItem("theme", next);
  const chosen = localStorage.getItem("theme") ?? "auto";
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  say(document.getElementById("theme"), { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" }[chosen]);
}

function turn() {
  const order = ["auto", "light", "dark"];
  const now = localStorage.getItem("theme") ?? "auto";
  theme(order[(order.indexOf(now) + 1) % order.length]);
}

// ---- keys ----------------------------------------------------------------------------------------------------------

function key(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = PAGES[Number(event.key) - 1];
  if (page) location.hash = `#/${page[0]}`;
  else if (event.key === "t") turn();
  else if (event.key === "?") document.getElementById("keys").showModal();
  else if (event.key === "/") {
    event.preventDefault();
    const search = document.getElementById("search");
    if (search) search.focus();
    else location.hash = "#/processes?search";
  }
}

// ---- the beginning -------------------------------------------------------------------------------------------------

async function begin() {
  theme();
  // The token is in a cookie by now, and need not stand in the address.
  if (location.search) history.replaceState(null, "", `/${location.hash}`);
  const answer = await fetch("/api/hello");
  if (!answer.ok) throw new Error(await answer.text());
  const hello = await answer.json();
  own = hello;
  learn(hello);
  introduce(hello);
  if (node) await visit(node);
  const nav = document.getElementById("nav");
  PAGES.forEach(([name, words, path], at) => {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    icon.append(line);
    nav.append(h("a", { href: `#/${name}`, "data-page": name, title: `${words} (${at + 1})` }, icon, h("span", {}, words)));
  });
  document.getElementById("home").addEventListener("click", () => visit(""));
  document.getElementById("theme").addEventListener("click", turn);
  document.getElementById("help").addEventListener("click", () => document.getElementById("keys").showModal());
  document.querySelector(".skip").addEventListener("click", (event) => {
    // The place in the address is that of a page.
    event.preventDefault();
    main.focus();
  });
  document.addEventListener("visibilitychange", () => source && stream(wanted));
  addEventListener("hashchange", route);
  addEventListener("keydown", key);
  route();
}

begin().catch((error) => {
  live("lost", "no answer");
  toast(error.message, true);
});
