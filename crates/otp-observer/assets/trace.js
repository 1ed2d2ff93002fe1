// What traced servers do: each message as a bar, from when it was taken to when its callback had returned. A call that a
// traced server makes in the middle of another one stands below that, also if it is one of another node.

import { act, once } from "./act.js";
import { empty, h, heading, href, list, plural, say, show } from "./ui.js";

const MOST = 80;

export function trace(root) {
  const sub = h("p", { class: "sub" });
  const clocks = h("p", { class: "note" });
  const traced = h("ul", { class: "traced" });
  const bars = h("ol", { class: "bars" });
  const none = empty("Nothing yet. Turn the trace on on the page of a server; what it handles then stands here.");
  const head = heading("Trace", sub);
  let others = [];
  head.append(h("div", { class: "acts" }, once("Clear", () => [undefined, ...others].forEach((node) => act({ do: "clear_trace" }, null, node)))));
  root.append(head, clocks, traced, bars, none);

  function draw(data) {
    const servers = new Map(data.traced.map((it) => [it.key, it]));
    const spans = gather(data.events, data.clocks).slice(-MOST);
    others = Object.keys(data.clocks);
    const nodes = new Set(data.traced.map((it) => it.node ?? ""));
    const where = nodes.size > 1 ? ` on ${plural(nodes.size, "node")}` : "";
    say(sub, servers.size ? `${plural(servers.size, "server")} traced${where}, ${plural(spans.length, "message")}` : "nobody is traced");
    say(clocks, others.map((node) => `The times of ${node} may be wrong by ${micros(data.clocks[node])}.`).join(" "));
    show(clocks, others.length > 0);
    list(traced, data.traced, (it) => it.key, (it) => h("li", {},
      it.node ? h("span", {}, `${it.title ?? it.pid} · ${it.node}`) : h("a", { href: href(it.pid) }, it.title ?? it.pid),
      once("×", () => act({ do: "trace", pid: it.pid, on: false }, null, it.node), { "aria-label": `trace ${it.title ?? it.pid} no more` })), () => {});
    show(none, spans.length === 0);
    const first = spans.length ? Math.min(...spans.map((it) => it.from)) : 0;
    const last = Math.max(...spans.map((it) => it.to ?? it.from), first + 1);
    const share = (at) => ((at - first) / (last - first)) * 100;
    list(bars, spans, (it) => it.key, (it) => h("li", { class: "bar-row", "data-node": it.node },
      h("span", { class: "bar-who" }, h("b"), h("small")), h("span", { class: "bar-lane" }, h("i")), h("span", { class: "bar-time" })),
    (row, it) => {
      row.style.setProperty("--depth", it.depth);
      const [who, lane, time] = row.children;
      say(who.firstChild, servers.get(it.pid)?.title ?? it.pid);
      say(who.lastChild, [it.kind, it.text, it.node && `on ${it.node}`].filter(Boolean).join(" "));
      row.title = [it.text, it.client ? `from ${it.client}` : "", it.state ? `then ${it.state}` : ""].filter(Boolean).join("\n");
      lane.firstChild.className = it.kind ?? "continue";
      lane.firstChild.style.left = `${share(it.from)}%`;
      lane.firstChild.style.width = `${Math.max(0.4, share(it.to ?? last) - share(it.from))}%`;
      say(time, it.to === null ? "…" : micros(it.to - it.from));
    });
  }

  return { title: "Trace", params: { view: "trace" }, draw };
}

// The events as messages with a beginning and an end, each below the message in which its caller has called.
function gather(events, clocks) {
  const of = new Map();
  const roots = [];
  const spans = messages(events);
  for (const span of spans) {
    if (!of.has(span.pid)) of.set(span.pid, []);
    of.get(span.pid).push(span);
  }
  for (const span of spans) {
    const above = span.client ? caller(span, of.get(span.client) ?? [], clocks) : undefined;
    if (above && !isBelow(above, span)) span.above = above;
    (span.above?.below ?? roots).push(span);
  }
  roots.forEach(settle);
  return roots.flatMap((span) => lines(span, 0));
}

// A server handles one message at a time.
function messages(events) {
  const spans = [];
  const open = new Map();
  for (const event of events) {
    if (event.event === "in" || event.event === "continue") {
      const span = {
        key: `${event.number} ${event.node ?? ""}`, pid: event.pid, node: event.node, kind: event.kind, text: event.text, client: event.client,
        from: event.at, to: null, above: undefined, below: [],
      };
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

// In which of its messages the caller has called: where the call begins, or between nodes, whose clocks differ, where its middle is.
function caller(span, candidates, clocks) {
  const within = candidates[0]?.node === span.node ? 0 : (clocks[span.node] ?? 0) + (clocks[candidates[0]?.node] ?? 0);
  const at = within ? (span.from + (span.to ?? span.from)) / 2 : span.from;
  const off = (it) => Math.max(it.from - at, at - (it.to ?? Infinity), 0);
  const best = candidates.reduce((best, it) => (best === undefined || off(it) <= off(best) ? it : best), undefined);
  return best && off(best) <= within ? best : undefined;
}

// Clocks that differ could make two calls lie in each other.
function isBelow(span, above) {
  for (let it = span; it; it = it.above) if (it === above) return true;
  return false;
}

// A call lies between its request and its answer, whatever the clock of the other node says.
function settle(span) {
  for (const it of span.below) {
    if (it.node !== span.node) {
      const late = Math.max(0, (it.to ?? it.from) - (span.to ?? Infinity));
      const early = Math.max(0, span.from - (it.from - late));
      move(it, early - late);
    }
    settle(it);
  }
}

function move(span, by) {
  span.from += by;
  if (span.to !== null) span.to += by;
  for (const it of span.below) move(it, by);
}

function lines(span, depth) {
  span.depth = depth;
  return [span, ...span.below.flatMap((it) => lines(it, depth + 1))];
}

function micros(value) {
  if (value < 1000) return `${value} µs`;
  if (value < 1e6) return `${(value / 1000).toFixed(1)} ms`;
  return `${(value / 1e6).toFixed(2)} s`;
}
