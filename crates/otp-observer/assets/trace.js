// What traced servers do: each message as a bar, from when it was taken to when its callback had returned. A call that a
// traced server makes in the middle of another one stands below that.

import { act, once } from "./act.js";
import { empty, h, heading, href, list, plural, say, show, type } from "./ui.js";

const MOST = 80;

export function trace(root) {
  const sub = h("p", { class: "sub" });
  const traced = h("ul", { class: "traced" });
  const bars = h("ol", { class: "bars" });
  const none = empty("Nothing yet. Turn the trace on on the page of a server; what it handles then stands here.");
  const head = heading("Trace", sub);
  head.append(h("div", { class: "acts" }, once("Clear", () => act({ do: "clear_trace" }))));
  root.append(head, traced, bars, none);

  function draw(data) {
    const pids = Object.entries(data.traced);
    const spans = gather(data.events).slice(-MOST);
    say(sub, pids.length ? `${plural(pids.length, "server")} traced, ${plural(spans.length, "message")}` : "nobody is traced");
    list(traced, pids, ([pid]) => pid, ([pid, name]) => h("li", {}, h("a", { href: href(pid) }, type(name ?? pid)), once("×", () => act({ do: "trace", pid, on: false }), { "aria-label": `trace ${pid} no more` })), () => {});
    show(none, spans.length === 0);
    const first = spans[0]?.from ?? 0;
    const last = Math.max(...spans.map((it) => it.to ?? it.from), first + 1);
    const share = (at) => ((at - first) / (last - first)) * 100;
    list(bars, spans, (it) => it.number, () => h("li", { class: "bar-row" },
      h("span", { class: "bar-who" }, h("b"), h("small")), h("span", { class: "bar-lane" }, h("i")), h("span", { class: "bar-time" })),
    (row, it) => {
      row.style.setProperty("--depth", it.depth);
      const [who, lane, time] = row.children;
      say(who.firstChild, type(data.traced[it.pid] ?? it.pid));
      say(who.lastChild, `${it.kind ?? ""} ${it.text ?? ""}`);
      row.title = [it.text, it.client ? `from ${it.client}` : "", it.state ? `then ${it.state}` : ""].filter(Boolean).join("\n");
      lane.firstChild.className = it.kind ?? "continue";
      lane.firstChild.style.left = `${share(it.from)}%`;
      lane.firstChild.style.width = `${Math.max(0.4, share(it.to ?? last) - share(it.from))}%`;
      say(time, it.to === null ? "…" : micros(it.to - it.from));
    });
  }

  return { title: "Trace", params: { view: "trace" }, draw };
}

// The events as messages with a beginning and an end. A server handles one at a time.
function gather(events) {
  const spans = [];
  const open = new Map();
  for (const event of events) {
    if (event.event === "in" || event.event === "continue") {
      const above = event.client ? open.get(event.client) : undefined;
      const span = { number: event.number, pid: event.pid, kind: event.kind, text: event.text, client: event.client, from: event.at, to: null, depth: above ? above.depth + 1 : 0 };
      open.set(event.pid, span);
      spans.push(span);
    } else {
      const span = open.get(event.pid);
      if (!span) continue;
      span.to = event.at;
      span.state = event.text;
      open.delete(event.pid);
    }
  }
  return spans;
}

function micros(value) {
  if (value < 1000) return `${value} µs`;
  if (value < 1e6) return `${(value / 1000).toFixed(1)} ms`;
  return `${(value / 1e6).toFixed(2)} s`;
}
