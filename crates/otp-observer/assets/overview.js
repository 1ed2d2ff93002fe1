// The whole node at a glance.

import { brief, bytes, card, clock, dot, doing, empty, h, heading, href, list, millis, number, plural, say, show, spark, title } from "./ui.js";

// Seconds that a line shows, at most and at least.
const ROOM = 120;
const SHORT = 30;

export function overview(root) {
  const sub = h("p", { class: "sub" }, "gathering…");
  const hero = tile("Messages a second", "messages handled by servers", 96);
  hero.element.classList.add("hero");
  const tiles = {
    processes: tile("Processes", "those that live"),
    busy: tile("Busy threads", "threads that run processes"),
    queued: tile("Waiting messages", "in all mailboxes"),
    restarts: tile("Restarts", "by supervisors"),
    memory: tile("Memory", "resident"),
  };
  const longest = ranking("Longest queues", "No mailbox has anything in it.", (row) => number(row.queue));
  const busiest = ranking("Busiest", "Nobody has worked since the page was opened.", (row) => millis(row.busy));
  const facts = h("dl", { class: "facts" });
  const reports = h("ol", { class: "brief-reports" });
  const calm = empty("Nothing to report.");
  root.append(
    heading("Overview", sub),
    h("div", { class: "tiles" }, hero.element, ...Object.values(tiles).map((it) => it.element)),
    h("div", { class: "columns" }, longest.element, busiest.element),
    h("div", { class: "columns" }, card("Held by the node", facts), card("Last reports", reports, calm)),
  );

  function draw(data) {
    const last = data.samples.at(-1);
    const lines = (pick) => data.samples.map(pick);
    const applications = data.applications.length ? ` · running ${data.applications.join(", ")}` : "";
    say(sub, `${plural(data.processes, "process", "processes")} on ${plural(data.workers, "thread")}${applications}`);
    hero.set(last ? brief(last.messages) : "–", "", lines((it) => it.messages), 10);
    tiles.processes.set(brief(data.processes), last ? `${brief(last.spawned)} new a second` : "", lines((it) => it.processes));
    tiles.busy.set(last ? last.busy.toFixed(2) : "–", `of ${data.workers}`, lines((it) => it.busy), 0.05);
    tiles.queued.set(last ? brief(last.queued) : "–", "in all mailboxes", lines((it) => it.queued), 10);
    tiles.restarts.set(last ? brief(last.restarts) : "–", "by supervisors", lines((it) => it.restarts), 5);
    const [size, unit] = bytes(last?.memory);
    tiles.memory.set(size, unit, lines((it) => it.memory));
    longest.set(data.longest);
    busiest.set(data.busiest);
    list(facts, [
      ["links", data.links], ["monitors", data.monitors], ["names", data.names], ["timers", data.timers],
      ["tables", data.tables], ["ready to run", data.ready],
    ], ([name]) => name, ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})),
    (row, [, value]) => say(row.lastChild, number(value)));
    show(calm, data.reports.length === 0);
    list(reports, data.reports, (it) => it.number, (it) => h("li", { class: it.level },
      h("time", {}, clock(it.at)), h("span", {}, it.text.split("\n").slice(0, 2).join(" ").replace("** ", "– "))), () => {});
  }

  return { title: "Overview", params: { view: "overview" }, draw };
}

function tile(name, what, height = 40) {
  const value = h("span", { class: "tile-value" }, "–");
  const note = h("span", { class: "tile-note" }, what);
  const line = spark(`${name}, the last two minutes`, height);
  const element = h("section", { class: "tile" },
    h("h2", {}, name), h("p", { class: "tile-figure" }, value, note), line);
  return {
    element,
    set(text, words, values, least) {
      say(value, text);
      if (words) say(note, words);
      line.draw(values, Math.min(ROOM, Math.max(SHORT, values.length)), least);
    },
  };
}

function ranking(name, none, figure) {
  const rows = h("ol", { class: "ranking" });
  const nobody = empty(none);
  return {
    element: card(name, rows, nobody),
    set(items) {
      show(nobody, items.length === 0);
      list(rows, items, (row) => row.pid, (row) => h("li", {}, h("a", { href: href(row.pid) },
        dot(row.status), h("span", { class: "who" }), h("span", { class: "what" }), h("b", { class: "figure" }))),
      (element, row) => {
        const link = element.firstChild;
        link.children[0].className = `dot ${row.status}`;
        say(link.children[1], title(row));
        say(link.children[2], row.status === "idle" ? row.pid : doing(row));
        say(link.children[3], figure(row));
      });
    },
  };
}
