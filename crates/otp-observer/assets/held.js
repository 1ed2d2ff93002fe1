// What processes share: tables, registries and groups, and the timers that wait.

import { card, empty, h, heading, href, list, number, pid, plural, say, seconds, show, type } from "./ui.js";

export function held(root) {
  const sub = h("p", { class: "sub" }, "looking…");
  const tables = part("Tables", "No process has a table.", ["Name", "Kind", "Keys and values", "Objects", "Owner"]);
  const registries = part("Registries", "No registry runs.", ["Name", "Keys and values", "Entered"]);
  const groups = part("Process groups", "No scope of groups runs.", ["Name", "Groups", "Members"]);
  const timers = part("Timers", "No timer runs.", ["For", "Fires in", "Again each"]);
  root.append(heading("Held", sub), tables.element, h("div", { class: "columns" }, registries.element, groups.element), timers.element);

  function draw(data) {
    if (!data) return;
    const kept = data.registries.count + data.groups.count;
    say(sub, `${plural(data.tables.count, "table")}, ${plural(kept, "registry or scope", "registries and scopes")}, ${plural(data.timers.count, "timer")}`);
    tables.set(data.tables, (it, at) => `${it.owner} ${it.name} ${at}`, (it) => [
      it.visible ? h("a", { href: `#/table/${it.number}` }, it.name) : it.name, `${it.kind}, ${it.access}`, `${type(it.keys)} → ${type(it.values)}`, number(it.objects), owner(it.owner, it.title),
    ]);
    const parameters = (it) => type(it.call).replace(/^[^<]*<?|>$/g, "") || "–";
    registries.set(data.registries, (it) => it.pid, (it) => [keeper(it, "registry "), parameters(it), number(it.links)]);
    groups.set(data.groups, (it) => it.pid, (it) => [keeper(it, "process groups "), parameters(it), number(it.monitors)]);
    timers.set(data.timers, (it, at) => String(at), (it) => [
      it.process ? owner(it.process, it.title) : "nobody in particular", it.left < 1 ? "less than 1 s" : seconds(it.left), it.period === null ? "" : `${it.period} s`,
    ]);
  }

  return { title: "Held", params: { view: "held" }, draw };
}

function part(name, none, columns) {
  const rows = h("tbody");
  const table = h("table", {}, h("thead", {}, h("tr", {}, columns.map((it) => h("th", { scope: "col" }, it)))), rows);
  const nothing = empty(none);
  const more = h("p", { class: "muted" });
  return {
    element: card(name, h("div", { class: "scroll" }, table), nothing, more),
    set(data, key, cells) {
      show(table, data.count > 0);
      show(nothing, data.count === 0);
      say(more, data.count > data.some.length ? `and ${number(data.count - data.some.length)} more` : "");
      const items = data.some.map((it, at) => ({ it, at }));
      list(rows, items, ({ it, at }) => key(it, at), () => h("tr", {}, columns.map(() => h("td"))), (row, { it }) => {
        cells(it).forEach((cell, at) => {
          const place = row.children[at];
          const text = cell instanceof Node ? cell.textContent : cell;
          if (place.textContent === text) return;
          place.replaceChildren(cell);
        });
      });
    },
  };
}

function keeper(it, kind) {
  const place = href(it.pid).replace("#/process/", "#/entries/");
  return h("span", {}, h("a", { href: place }, (it.label ?? it.pid).replace(kind, "")), " ", pid(it.pid));
}

function owner(of, title) {
  return h("span", {}, h("a", { href: href(of) }, title ?? "gone"), " ", pid(of));
}
