// The node: what runs on it, and what it is called by; and the nodes that it is connected with.

import { bytes, card, empty, h, heading, href, list, number, say, show } from "./ui.js";

export function nodes(root, args, app) {
  const sub = h("p", { class: "sub" }, "");
  const applications = h("ul", { class: "applications" });
  const none = empty("No application runs on this node.");
  const names = h("ul", { class: "names" });
  const rest = h("p", { class: "muted" });
  const nameless = empty("No process has a local name.");
  const facts = h("dl", { class: "facts" });
  const rows = h("tbody");
  const alone = empty("No node is connected.");
  const others = card("Connected nodes", h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["Node", "Runs", "Processes", "Memory", ""].map((it) => h("th", { scope: "col" }, it)))), rows)), alone);
  root.append(heading("Node", sub), others,
    h("div", { class: "columns" }, card("Applications", applications, none), card("Held by the node", facts)),
    card("Local names", names, nameless, rest));

  function draw(data) {
    say(sub, `number ${data.node}, in the system's process ${data.os_pid}`);
    const connected = data.connected ?? [];
    show(others, data.connected !== null);
    show(alone, connected.length === 0);
    list(rows, connected, (it) => it.name, (it) => h("tr", { "data-node": it.name }, h("td", {}, it.name), h("td"), h("td"), h("td"),
      h("td", {}, h("button", { type: "button", class: "button", onclick: () => app.visit(it.name) }, "Look inside"))), (row, it) => {
      say(row.children[1], it.runs ?? "nothing that it tells");
      say(row.children[2], number(it.processes));
      say(row.children[3], bytes(it.memory).join(" "));
      show(row.children[4].firstChild, it.shown);
    });
    show(none, data.applications.length === 0);
    list(applications, data.applications, (it) => it.name, (it) => h("li", {},
      h("b", {}, it.name), " ", h("span", { class: "muted" }, it.version), h("p", {}, it.description),
      it.supervisor ? h("a", { href: href(it.supervisor) }, "its top process") : null), () => {});
    show(nameless, data.registered.length === 0);
    const more = data.system.local_names - data.registered.length;
    say(rest, more > 0 ? `and ${number(more)} more` : "");
    list(names, data.registered, (it) => it, (it) => h("li", {}, h("a", { href: `#/processes?text=${encodeURIComponent(it)}` }, it)), () => {});
    list(facts, [["processes", data.system.processes], ["local names", data.system.local_names], ["global names", data.system.global_names],
      ["links", data.system.links], ["monitors", data.system.monitors], ["timers", data.system.timers], ["tables", data.system.tables]],
    ([name]) => name, ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})), (row, [, value]) => say(row.lastChild, number(value)));
  }

  return { title: "Node", params: { view: "nodes" }, draw };
}
