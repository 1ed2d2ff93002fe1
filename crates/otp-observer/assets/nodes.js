// The node: what runs on it, and what it is called by.

import { card, empty, h, heading, href, list, number, say, show } from "./ui.js";

export function nodes(root) {
  const sub = h("p", { class: "sub" }, "");
  const applications = h("ul", { class: "applications" });
  const none = empty("No application runs on this node.");
  const names = h("ul", { class: "names" });
  const nameless = empty("No process has a local name.");
  const facts = h("dl", { class: "facts" });
  root.append(heading("Node", sub),
    h("div", { class: "columns" }, card("Applications", applications, none), card("Held by the node", facts)),
    card("Local names", names, nameless));

  function draw(data) {
    say(sub, `number ${data.node}, in the system's process ${data.os_pid}`);
    show(none, data.applications.length === 0);
    list(applications, data.applications, (it) => it.name, (it) => h("li", {},
      h("b", {}, it.name), " ", h("span", { class: "muted" }, it.version), h("p", {}, it.description),
      it.supervisor ? h("a", { href: href(it.supervisor) }, "its top process") : null), () => {});
    show(nameless, data.registered.length === 0);
    list(names, data.registered, (it) => it, (it) => h("li", {}, h("a", { href: `#/processes?text=${encodeURIComponent(it)}` }, it)), () => {});
    list(facts, [["processes", data.processes], ["local names", data.local_names], ["global names", data.global_names],
      ["links", data.links], ["monitors", data.monitors], ["timers", data.timers], ["tables", data.tables]],
    ([name]) => name, ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})), (row, [, value]) => say(row.lastChild, number(value)));
  }

  return { title: "Node", params: { view: "nodes" }, draw };
}
