// A window onto all processes, however many there are: only those that can be seen are asked for.

import { brief, dot, doing, empty, h, heading, href, list, millis, number, plural, say, show, STATUS, title, type } from "./ui.js";

const HEIGHT = 44;

// A browser does not scroll further than some millions of points.
const LONGEST = 6e6;

const COLUMNS = [
  ["name", "Process", "text", false],
  ["since", "Doing", "text", true],
  ["queue", "Queue", "figure", true],
  ["handled", "Handled", "figure", true],
  ["busy", "Busy", "figure", true],
  ["links", "Links", "figure", true],
  ["parent", "Started by", "pid", false],
  ["pid", "Pid", "pid", false],
];

// That of a text that is looked for.
const LONGEST_TEXT = 100;

const ORDERS = ["pid", ...COLUMNS.map(([order]) => order)];

const STATES = ["", ...Object.keys(STATUS).filter((it) => it !== "exiting")];

export function processes(root, args, app) {
  const known = (name, among) => (among.includes(args.query.get(name)) ? args.query.get(name) : among[0]);
  const query = { order: known("order", ORDERS), descending: args.query.has("descending"), text: (args.query.get("text") ?? "").slice(0, LONGEST_TEXT), state: known("state", STATES), offset: 0 };
  const sub = h("p", { class: "sub" }, "looking…");
  const search = h("input", {
    id: "search", type: "search", maxlength: LONGEST_TEXT, placeholder: "Name, label, type or pid", "aria-label": "Look for processes", autocomplete: "off", spellcheck: "false", value: query.text,
  });
  const head = heading("Processes", sub);
  const states = h("select", { id: "state", "aria-label": "Only those in this state" },
    STATES.map((it) => h("option", {
      value: it, title: STATUS[it], selected: it === query.state,
    }, it || "any state")));
  head.append(h("div", { class: "filters" }, states,
    h("label", { class: "search" }, search, h("kbd", { "aria-hidden": "true" }, "/"))));
  const titles = h("div", { class: "row row-head", role: "row" }, COLUMNS.map(([order, words, kind, down]) => h("span", {
    class: `cell ${order} ${kind}`, role: "columnheader",
  }, h("button", { type: "button", "data-order": order, onclick: () => sort(order, down) }, words))));
  const rows = h("div", { class: "rows", role: "rowgroup" });
  const runway = h("div", { class: "runway" }, rows);
  const pane = h("div", { class: "window", tabindex: "0", "aria-label": "Processes, sorted" }, runway);
  const none = empty("There is no such process.");
  const table = h("div", { class: "table", role: "table", "aria-label": "Processes" }, titles, pane);
  root.append(head, table, none);
  if (args.query.has("search")) search.focus();

  let matching = 0;
  let later = null;
  const visible = () => Math.ceil(pane.clientHeight / HEIGHT) + 1;
  const full = () => matching * HEIGHT;
  const height = () => Math.min(full(), LONGEST);

  // Where the window stands, in processes from the first.
  function at() {
    if (full() <= LONGEST) return Math.floor(pane.scrollTop / HEIGHT);
    const share = pane.scrollTop / Math.max(1, height() - pane.clientHeight);
    return Math.round(share * Math.max(0, matching - visible() + 1));
  }

  function params() {
    const limit = Math.max(30, visible() + 12);
    const wanted = { view: "processes", order: query.order, text: query.text, state: query.state, offset: query.offset, limit, descending: query.descending };
    return wanted;
  }

  // One timer for all that changes the query: the last one asks for everything that has changed by then.
  function ask(after) {
    clearTimeout(later);
    later = setTimeout(() => app.stream(params()), after);
  }

  // At once, so that a scroll event under way finds the window at the top and does not put the old offset back.
  function toTop() {
    query.offset = 0;
    pane.scrollTop = 0;
  }

  function sort(order, down) {
    query.descending = query.order === order ? !query.descending : down;
    query.order = order;
    mark();
    toTop();
    ask(0);
  }

  function mark() {
    for (const cell of titles.children) {
      const mine = cell.firstChild.dataset.order === query.order;
      cell.setAttribute("aria-sort", mine ? (query.descending ? "descending" : "ascending") : "none");
    }
  }

  search.addEventListener("input", () => {
    query.text = search.value.trim();
    toTop();
    ask(160);
  });
  states.addEventListener("change", () => {
    query.state = states.value;
    toTop();
    ask(0);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") search.blur();
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    (rows.querySelector("a.row") ?? pane).focus();
  });
  pane.addEventListener("scroll", () => {
    const offset = Math.max(0, at() - 6);
    if (Math.abs(offset - query.offset) > 3 || (offset === 0 && query.offset !== 0)) {
      query.offset = offset;
      ask(90);
    }
  });
  pane.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...rows.querySelectorAll("a.row")];
    const now = links.indexOf(document.activeElement);
    const next = links[now + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });

  function draw(data) {
    if (!data) return;
    matching = data.matching;
    // The list has become shorter than where the window stood.
    if (data.rows.length === 0 && data.offset > 0 && data.offset === query.offset) {
      toTop();
      ask(0);
    }
    const words = plural(data.total, "process", "processes");
    say(sub, query.text || query.state ? `${number(data.matching)} of ${words}` : words);
    show(none, matching === 0);
    show(table, matching > 0);
    runway.style.height = `${height()}px`;
    const scaled = full() > LONGEST;
    // Where these rows are: the window may have moved on since they were asked for.
    const top = scaled ? pane.scrollTop - Math.min(data.offset, 6) * HEIGHT : data.offset * HEIGHT;
    rows.style.transform = `translateY(${Math.max(0, Math.min(top, height() - data.rows.length * HEIGHT))}px)`;
    list(rows, data.rows, (row) => row.pid, make, change);
  }

  mark();
  return { title: "Processes", params: params(), draw, stop: () => clearTimeout(later) };
}

function make(row) {
  return h("a", { class: "row", role: "row", href: href(row.pid), "data-pid": row.pid },
    h("span", { class: "cell name", role: "cell" }, dot(row.status), h("span", {}, h("b"), h("small"))),
    h("span", { class: "cell since", role: "cell" }),
    h("span", { class: "cell queue figure", role: "cell" }),
    h("span", { class: "cell handled figure", role: "cell" }),
    h("span", { class: "cell busy figure", role: "cell" }),
    h("span", { class: "cell links figure", role: "cell" }),
    h("span", { class: "cell parent pid", role: "cell" }),
    h("span", { class: "cell pid", role: "cell" }));
}

function change(element, row) {
  const [name, since, queue, handled, busy, links, parent, pid] = element.children;
  name.firstChild.className = `dot ${row.status}`;
  const [bold, small] = name.lastChild.children;
  const own = row.name ?? row.label;
  say(bold, title(row));
  say(small, own ? type(row.call) : "");
  say(since, doing(row));
  since.classList.toggle("warn", row.since > 4 || (row.waiting !== null && row.since > 0));
  say(queue, number(row.queue));
  queue.classList.toggle("warn", row.queue > 100);
  queue.classList.toggle("zero", row.queue === 0);
  say(handled, row.handled === null ? "–" : brief(row.handled));
  handled.classList.toggle("zero", !row.handled);
  say(busy, millis(row.busy));
  busy.classList.toggle("zero", !row.busy);
  say(links, number(row.links));
  links.classList.toggle("zero", row.links === 0);
  say(parent, row.parent?.replace(/[<>]/g, "") ?? "");
  say(pid, row.pid.replace(/[<>]/g, ""));
}
