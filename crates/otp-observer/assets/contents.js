// What a table, a registry or a scope of process groups holds: a page of rows at a time, and those that contain a text.

import { card, empty, h, heading, href, list, number, pid, plural, say, show, type } from "./ui.js";

const STEP = 100;

export function table(root, args, app) {
  return contents(root, app, { view: "table", table: args.place }, (about) => ({
    name: about.name,
    words: `${about.kind}, ${about.access}, ${type(about.keys)} → ${type(about.values)}, owned by `,
    link: h("a", { href: href(about.owner) }, about.title ?? about.owner),
  }), ["Key", "Value"]);
}

export function entries(root, args, app) {
  return contents(root, app, { view: "entries", pid: args.pid }, (about) => ({
    name: about.label ?? about.name ?? type(about.call),
    words: "kept by ",
    link: pid(about.pid),
  }), ["Key", "Processes"]);
}

function contents(root, app, place, describe, columns) {
  const query = { text: "", offset: 0, limit: STEP };
  const sub = h("p", { class: "sub" }, "looking…");
  const about = h("p", { class: "note" });
  const search = h("input", { id: "search", type: "search", maxlength: "100", placeholder: "Text in a row", "aria-label": "Look for rows", autocomplete: "off", spellcheck: "false" });
  const back = h("button", { type: "button", class: "button", onclick: () => turn(-STEP) }, "Previous");
  const on = h("button", { type: "button", class: "button", onclick: () => turn(STEP) }, "Next");
  const head = heading("…", sub);
  const title = head.querySelector("h1");
  head.firstChild.prepend(h("p", { class: "crumb" }, h("a", { href: "#/held" }, "Held")));
  head.append(h("label", { class: "search" }, search, h("kbd", { "aria-hidden": "true" }, "/")));
  const rows = h("tbody");
  const body = h("table", { class: "contents" }, h("thead", {}, h("tr", {}, columns.map((it) => h("th", { scope: "col" }, it)))), rows);
  const none = empty("");
  root.append(head, card("Contents", about, h("div", { class: "scroll" }, body), none, h("div", { class: "acts" }, back, on)));
  let later = null;
  let shown = "";

  const params = () => ({ ...place, ...query });

  function turn(by) {
    query.offset = Math.max(0, query.offset + by);
    app.stream(params());
  }

  search.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => {
      query.text = search.value.trim();
      query.offset = 0;
      app.stream(params());
    }, 200);
  });

  function draw(data) {
    if (!data?.about) {
      say(sub, "It is gone.");
      return;
    }
    // There are fewer rows than there were when this page was turned to.
    if (data.rows.length === 0 && query.offset > 0) turn(-query.offset);
    const it = describe(data.about);
    say(title, it.name);
    if (shown !== it.name) {
      shown = it.name;
      about.replaceChildren(it.words, it.link);
    }
    const last = query.offset + data.rows.length;
    const part = data.rows.length < data.matching ? `${number(query.offset + 1)} to ${number(last)} of ` : "";
    say(sub, data.visible ? `${part}${plural(data.matching, "row")}${query.text ? ` of ${number(data.total)}` : ""}` : "");
    show(body, data.rows.length > 0);
    show(none, data.rows.length === 0);
    say(none, data.visible ? "There is no such row." : "This table is not shown. Its owner makes it visible with TableOptions::visible or visible_as.");
    show(back, query.offset > 0);
    show(on, last < data.matching);
    const items = data.rows.map((row, at) => ({ row, at }));
    list(rows, items, ({ at }) => at, () => h("tr", {}, h("td", { class: "code" }), h("td", { class: "code" })), (element, { row }) => {
      const [key, value] = element.children;
      say(key, row.key ?? "not shown");
      key.classList.toggle("muted", row.key === null);
      if (row.value !== null) {
        say(value, row.value);
        return;
      }
      const wanted = row.processes.map((one) => one.pid).join();
      if (value.dataset.of === wanted) return;
      value.dataset.of = wanted;
      const more = row.count > row.processes.length ? ` and ${number(row.count - row.processes.length)} more` : "";
      value.replaceChildren(...row.processes.flatMap((one) => [one.title ? h("a", { href: href(one.pid) }, one.title) : "", " ", pid(one.pid), " "]), more);
    });
  }

  return { title: "Contents", params: params(), draw, stop: () => clearTimeout(later) };
}
