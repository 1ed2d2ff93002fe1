defmodule Cases.Groups do
  use Suite, group: "groups", order: 172, node: "--visible"
  def members(g, n), do: eventually(fn -> length(:pg.get_members(g)) == n end)
  kase "pg: which_groups, monitor and monitor_scope with the node's process" do
    {r, []} = :pg.monitor(:m1)
    {s, all} = :pg.monitor_scope()
    p = puppet()
    act(p, {:join, :m1})
    a = for _ <- 1..2, do: (receive do {x, k, g, l} when x in [r, s] -> {x == r, k, g, l == [p]} after 3000 -> :nothing end)
    b = {:m1 in :pg.which_groups(), :m1 in :pg.which_local_groups(), :pg.get_local_members(:m1)}
    act(p, {:leave, :m1})
    c = for _ <- 1..2, do: (receive do {x, k, g, l} when x in [r, s] -> {x == r, k, g, l == [p]} after 3000 -> :nothing end)
    r = {is_map(all), Enum.sort(a), b, Enum.sort(c), :pg.demonitor(r), :pg.demonitor(s), :m1 in :pg.which_groups(), flush_all(50)}
    quit(p)
    r
  end
  kase "pg: several times, several groups, leave more often than joined, any term as a group" do
    p = puppet(); q = puppet()
    gs = [:m2, {:m2, "x"}, "text", 7, [1, :two]]
    for g <- gs, x <- [p, q, p], do: act(x, {:join, g})
    a = for g <- gs, do: {members(g, 3), Enum.count(:pg.get_members(g), &(&1 == p))}
    b = for x <- [p, p, p], do: act(x, {:leave, :m2})
    c = {members(:m2, 1), :pg.get_members(:m2) == [q]}
    :pg.join(:m2, [self(), self()])
    d = {eventually(fn -> length(act(q, {:members, :m2})) == 3 end), :pg.leave(:m2, [self(), self(), self()]), eventually(fn -> act(q, {:members, :m2}) == [q] end), :pg.leave(:m2, self())}
    quit(p); quit(q)
    {a, b, c, d, Enum.all?(gs, &members(&1, 0))}
  end
  kase "pg: the node comes, goes and comes again", n do
    p = puppet()
    :pg.join(:m3, self())
    act(p, {:join, :m3})
    a = {members(:m3, 2), eventually(fn -> length(act(p, {:members, :m3})) == 2 end)}
    disconnect()
    b = {members(:m3, 1), Node.ping(nut()), members(:m3, 2), eventually(fn -> length(act(p, {:members, :m3})) == 2 end)}
    kill9(n)
    c = members(:m3, 1)
    :pg.leave(:m3, self())
    {a, b, c}
  end
  kase "pg: messages to all members, of three nodes" do
    b = peer(:"b@127.0.0.1")
    me = self()
    v = on(b, fn -> p = spawn(fn -> receive do m -> send(me, {:b, m}) end end); :pg.join(:m4, p); p end)
    p = puppet()
    on(b, fn -> Node.connect(:"a@127.0.0.1") end)
    act(p, {:connect, b.node})
    act(p, {:join, :m4})
    a = {members(:m4, 2), eventually(fn -> length(act(p, {:members, :m4})) == 2 end), on(b, fn -> Suite.eventually(fn -> length(:pg.get_members(:m4)) == 2 end) end)}
    for m <- :pg.get_members(:m4), do: send(m, :all)
    r = {a, recv(), act(p, :take)}
    peer_kill(b)
    r = {r, members(:m4, 1), eventually(fn -> act(p, {:members, :m4}) == [p] end), is_pid(v)}
    quit(p)
    r
  end
  kase "global, with the node visible: names, locks, a node that comes" do
    Node.ping(nut())
    a = {:global.register_name(:gg1, self()), :global.whereis_name(:gg1) == self(), :global.set_lock({:gg, self()}, [node()], 2), :global.del_lock({:gg, self()}, [node()])}
    p = puppet()
    b = {act(p, {:global, node(), :gg2}), :global.whereis_name(:gg2) == p, :global.re_register_name(:gg2, self()), :global.whereis_name(:gg2) == self(), :global.send(:gg2, :x) == self(), recv()}
    :global.unregister_name(:gg1); :global.unregister_name(:gg2)
    c = {act(p, {:global, node(), :gg3}), act(p, {:global, node(), :gg3})}
    quit(p)
    {a, b, c, eventually(fn -> :global.whereis_name(:gg3) == :undefined end)}
  end
  kase "global:sync, with the node visible, alone, beside another BEAM, and after a loss" do
    Node.ping(nut())
    sync = fn f -> t = Task.async(f); case Task.yield(t, 8000) || Task.shutdown(t, :brutal_kill) do {:ok, r} -> r; nil -> :hangs end end
    a = {sync.(fn -> :global.sync() end), sync.(fn -> :global.sync([nut()]) end)}
    b = peer(:"b@127.0.0.1")
    on(b, fn -> Node.connect(:"a@127.0.0.1"); Node.ping(Suite.nut()) end)
    c = {sync.(fn -> :global.sync() end), sync.(fn -> on(b, fn -> :global.sync() end) end)}
    me = self()
    d = {:global.register_name(:gg4, me), on(b, fn -> :global.whereis_name(:gg4) end) == me, on(b, fn -> :global.register_name(:gg4, self()) end)}
    lock = fn r -> fn -> :global.set_lock({:gg5, r}, [:"a@127.0.0.1", :"b@127.0.0.1", Suite.nut()], 0) end end
    e = {:global.set_lock({:gg5, me}), on(b, lock.(:other)), :global.del_lock({:gg5, me}), on(b, lock.(:other))}
    :global.unregister_name(:gg4)
    peer_kill(b)
    {a, c, d, e, sync.(fn -> :global.sync() end), disconnect(), eventually(fn -> Node.ping(nut()) == :pong end), sync.(fn -> :global.sync() end)}
  end
  kase "all nodes: rpc:multicall, multi_call, abcast, eval_everywhere and broadcasts without a list of nodes" do
    Node.ping(nut())
    eventually(fn -> Node.list() == [nut()] end)
    {:ok, l} = GenServer.start(Cases.OutCalls.Srv, [], name: :log)
    call(:log, :take)
    a = {:rpc.multicall(:erlang, :node, []) |> elem(0) |> Enum.sort(), :rpc.multicall(:erlang, :node, [], 3000) |> elem(1), GenServer.multi_call(:calc, {:add, 1, 1}), :erpc.multicall([node() | Node.list()], :erlang, :node, []) |> Enum.sort()}
    b = {:rpc.abcast(:log, :one), GenServer.abcast(:log, :two), :rpc.sbcast(:log, :three) |> elem(0) |> Enum.sort(), :gen_server.abcast([node(), nut()], :log, :four), :rpc.eval_everywhere(:erlang, :node, [])}
    r = {a, b, logged(4), GenServer.call(l, :casts) |> Enum.sort()}
    GenServer.stop(l)
    r
  end
  kase "nodes: visible, hidden, known, this; and monitors of them by type" do
    Node.ping(nut())
    :net_kernel.monitor_nodes(true, %{node_type: :visible, nodedown_reason: true, connection_id: false})
    a = {Node.list(), Node.list(:hidden), Node.list(:connected), nut() in Node.list(:known), Node.list(:this)}
    disconnect()
    b = receive do {:nodedown, n, i} -> {n, i[:node_type], i[:nodedown_reason]} after 2000 -> :nothing end
    Node.ping(nut())
    c = receive do {:nodeup, n, i} -> {n, i[:node_type]} after 2000 -> :nothing end
    :net_kernel.monitor_nodes(false, %{node_type: :visible, nodedown_reason: true, connection_id: false})
    {a, b, c}
  end
end
