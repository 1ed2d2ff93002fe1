defmodule Cases.Elixir do
  use Suite, group: "elixir", order: 145, node: "--hidden"
  def d, do: {:counter, nut()}
  kase "Task.async_stream of calls" do
    1..60 |> Task.async_stream(fn i -> call(:calc, {:mul, i, i}) end, max_concurrency: 12) |> Enum.reduce(0, fn {:ok, {:ok, n}}, s -> s + n end)
  end
  kase "a task that is shut down while it calls leaves no monitor" do
    p = puppet()
    t = Task.async(fn -> act(p, {:sleep, 400}) end)
    a = {Task.yield(t, 50), Task.shutdown(t, :brutal_kill)}
    r = {a, act(p, :stats).watchers <= 1, flush_all(100)}
    quit(p)
    r
  end
  kase "erpc: requests, and a collection of them" do
    r = :erpc.send_request(nut(), Rust, :add, [1, 2])
    a = :erpc.receive_response(r, 3000)
    r = :erpc.send_request(nut(), Rust, :sleep, [700])
    b = {:erpc.wait_response(r, 20), :erpc.receive_response(r, 3000)}
    c = for i <- 1..3, reduce: :erpc.reqids_new(), do: (c -> :erpc.send_request(nut(), Rust, :add, [i, i], {:job, i}, c))
    {l, c} = Enum.map_reduce(1..3, c, fn _, c -> {r, l, c} = :erpc.receive_response(c, 3000, true); {{l, r}, c} end)
    {a, b, Enum.sort(l), :erpc.receive_response(c, 100, true)}
  end
  kase "erpc:multicall and multicast" do
    call(:log, :take)
    a = :erpc.multicall([nut(), :"nobody@127.0.0.1"], Rust, :hello, ["Joe"], 3000)
    b = :erpc.multicall([nut(), nut()], Rust, :fail, [:bad], 3000) |> Enum.map(fn {:error, {:exception, r, _}} -> r end)
    :erpc.multicast([nut()], Rust, :note, [:multi])
    {a, b, eventually(fn -> (l = call(:log, :take)) != [] && l end)}
  end
  kase "rpc: async_call, nb_yield, multicall" do
    k = :rpc.async_call(nut(), Rust, :sleep, [500])
    a = {:rpc.nb_yield(k), :rpc.yield(k)}
    {a, :rpc.multicall([nut()], Rust, :add, [1, 1]), :rpc.multicall([nut(), :"nobody@127.0.0.1"], Rust, :add, [1, 1], 3000)}
  end
  kase "a fun that the node does not know" do
    f = fn -> :erlang.node() end
    try do :erpc.call(nut(), f) catch :error, {:exception, r, _} -> r; k, r -> {k, r} end
  end
  kase "rpc:abcast" do
    call(:log, :take)
    a = :rpc.abcast([nut()], :log, {:all, 1})
    {a, GenServer.abcast([nut()], :log, {:all, 2}), eventually(fn -> Process.sleep(100); call(:log, :take) end)}
  end
  kase "multi_call" do
    {GenServer.multi_call([nut()], :calc, {:add, 1, 2}), GenServer.multi_call([nut(), :"nobody@127.0.0.1"], :calc, {:add, 1, 2}, 3000),
     GenServer.multi_call([nut()], :nobody, :x, 1000), GenServer.multi_call([nut()], :slow, :never, 100), flush_all(50)}
  end
  kase "a collection of requests to servers" do
    c = for i <- 1..3, reduce: :gen_server.reqids_new(), do: (c -> :gen_server.send_request({:slow, nut()}, {:later, 100 * (4 - i), i}, i, c))
    {l, c} = Enum.map_reduce(1..3, c, fn _, c -> {r, l, c} = :gen_server.receive_response(c, 3000, true); {{l, r}, c} end)
    {l, :gen_server.receive_response(c, 100, true)}
  end
  kase "a monitor with an alias, and a call by hand" do
    for o <- [:explicit_unalias, :demonitor, :reply_demonitor] do
      m = :erlang.monitor(:process, call(:counter, :pid), alias: o)
      send(call(:counter, :pid), {:"$gen_call", {self(), [:alias | m]}, :get})
      a = receive do {[:alias | ^m], n} -> is_integer(n) after 2000 -> :nothing end
      Process.demonitor(m, [:flush]); :erlang.unalias(m)
      {o, a, flush_all(20)}
    end
  end
  kase "a monitor with a tag of its own" do
    p = puppet()
    m = :erlang.monitor(:process, p, tag: {:gone, 1})
    quit(p)
    receive do {{:gone, 1}, ^m, :process, ^p, r} -> r after 3000 -> :nothing end
  end
  kase "a reply to an alias that is no more" do
    m = :erlang.alias([:reply])
    send({:slow, nut()}, {:"$gen_call", {self(), [:alias | m]}, {:later, 100, :late}})
    :erlang.unalias(m)
    {flush_all(300), call(:slow, :now)}
  end
  kase "a plain reference as the tag, and one within a tuple" do
    r = make_ref()
    send({:calc, nut()}, {:"$gen_call", {self(), r}, {:add, 1, 1}})
    send({:calc, nut()}, {:"$gen_call", {self(), {:tag, r}}, {:add, 2, 2}})
    [a, b] = for _ <- 1..2, do: recv()
    Enum.sort([elem(a, 1), elem(b, 1)]) ++ [elem(a, 0) in [r, {:tag, r}]]
  end
  kase "gen_statem and gen_event as clients" do
    call(:log, :take)
    a = :gen_statem.call({:calc, nut()}, {:add, 3, 4}, 2000)
    b = :gen_statem.call({:calc, nut()}, {:add, 3, 4}, {:clean_timeout, 2000})
    :gen_statem.cast({:log, nut()}, :by_statem)
    :gen_event.notify({:log, nut()}, :by_event)
    {a, b, eventually(fn -> length(l = call(:log, :take)) == 2 && l end)}
  end
  kase "send with options, and timers" do
    call(:log, :take)
    a = {Process.send({:log, nut()}, 1, [:noconnect]), Process.send({:log, nut()}, 2, [:nosuspend]), :erlang.send_nosuspend({:log, nut()}, 3)}
    {:ok, _} = :timer.send_after(50, {:log, nut()}, 4)
    {:ok, t} = :timer.send_interval(40, {:log, nut()}, 5)
    Process.sleep(300); :timer.cancel(t)
    {a, call(:log, :take) |> Enum.map(&elem(&1, 1)) |> Enum.uniq() |> Enum.sort()}
  end
  kase "ping, connect, disconnect" do
    a = {Node.ping(nut()), :net_adm.ping(nut()), Node.connect(nut()), :net_kernel.connect_node(nut()), :net_kernel.connect_node(nut())}
    b = {Node.disconnect(nut()), eventually(fn -> not connected?() end), Node.disconnect(nut()), Node.ping(:"nobody@127.0.0.1")}
    {a, b, :net_kernel.connect_node(nut()), nut() in Node.list(:hidden), nut() in Node.list()}
  end
  kase "monitor_node and monitor_nodes" do
    Node.ping(nut())
    :net_kernel.monitor_nodes(true, node_type: :all)
    Node.monitor(nut(), true); Node.monitor(nut(), true)
    disconnect()
    a = flush_all(200) |> Enum.map(fn {k, n, o} -> {k, n, Enum.map(o, fn {:node_type, t} -> t end)}; o -> o end) |> Enum.sort()
    Node.ping(nut())
    b = recv()
    :net_kernel.monitor_nodes(false, node_type: :all)
    {a, elem(b, 0), elem(b, 1)}
  end
  kase "a disconnect: links and monitors fire, the process lives, its pid is the same" do
    Process.flag(:trap_exit, true)
    p = puppet(:trap)
    Process.link(p)
    m = Process.monitor(p)
    act(p, {:monitor, self()})
    disconnect()
    a = {exit_of(p), down(m)}
    q = call(:echo, p)
    l = taken(p, 2)
    Process.link(p)
    n = act(p, :stats).links
    acts(p, [{:stop, :bye}])
    {a, p == q, Enum.sort(for(x <- l, do: {elem(x, 0), List.last(Tuple.to_list(x))})), Enum.all?(l, fn x -> self() in Tuple.to_list(x) end), n, exit_of(p)}
  end
  kase "the node loses a peer and finds it again: the same pids" do
    b = peer(:"b@127.0.0.1")
    v = on(b, fn ->
      me = self()
      v = spawn(fn -> Process.flag(:trap_exit, true); send(me, :traps); Suite.victim_loop() end)
      receive do :traps -> v end
    end)
    t = puppet(:trap)
    act(t, {:connect, b.node})
    act(t, {:link, v}); act(t, {:monitor, v})
    c = act(t, {:disconnect, b.node})
    l = taken(t, 2)
    act(t, {:connect, b.node})
    act(t, {:link, v}); act(t, {:monitor, v})
    # what makes it die goes another way than these
    settle()
    on(b, fn -> send(v, {:die, {:at, "last"}}) end)
    k = taken(t, 2)
    r = {c, Enum.sort(for(x <- l ++ k, do: {elem(x, 0), List.last(Tuple.to_list(x))})), Enum.all?(l ++ k, fn x -> v in Tuple.to_list(x) end)}
    quit(t)
    r
  end
  kase "a pid of a peer's former life" do
    b = peer(:"b@127.0.0.1")
    v = on(b, fn -> spawn(fn -> Suite.victim_loop() end) end)
    t = puppet(:trap)
    act(t, {:connect, b.node})
    act(t, {:monitor, v})
    peer_kill(b)
    x = taken(t, 1)
    away = {act(t, {:monitor, v}), taken(t, 1), act(t, {:link, v}), taken(t, 1), act(t, {:call, v, :x, 1000})}
    b = peer(:"b@127.0.0.1")
    act(t, {:connect, b.node})
    back = {act(t, {:monitor, v}), taken(t, 1), act(t, {:link, v}), taken(t, 1), act(t, {:call, v, :x, 1000}), act(t, {:send, v, :x}), act(t, {:exit, v, :kill}), act(t, :stats).recorded}
    quit(t)
    {x, away, back}
  end
  kase "a pid of a peer's life that was never connected" do
    b = peer(:"b@127.0.0.1")
    v = on(b, fn -> spawn(fn -> Suite.victim_loop() end) end)
    t = puppet(:trap)
    peer_kill(b)
    f = fn -> {act(t, {:monitor, v}), taken(t, 1), act(t, {:link, v}), taken(t, 1), act(t, {:call, v, :x, 1000})} end
    away = f.()
    b = peer(:"b@127.0.0.1")
    back = {f.(), b.node in act(t, :nodes), f.(), act(t, {:send, v, :x}), act(t, {:exit, v, :kill}), act(t, :stats).recorded}
    act(t, {:disconnect, b.node})
    r = {away, back, f.()}
    quit(t)
    r
  end
  kase "global names: whereis, send, call, cast, via" do
    p = puppet()
    a = act(p, {:global, node(), :gl5})
    b = {:global.whereis_name(:gl5) == p, GenServer.whereis({:global, :gl5}) == p, GenServer.call({:via, :global, :gl5}, {:do, {:blob, 8}})}
    :global.send(:gl5, :by_global)
    send(GenServer.whereis({:global, :gl5}), :by_pid)
    GenServer.cast({:global, :gl5}, {:do, [{:send, self(), :cast}]})
    r = {a, b, recv(), taken(p, 2)}
    :global.unregister_name(:gl5)
    quit(p)
    r
  end
  kase "sys: trace, log, state with a time limit" do
    a = {:sys.trace(d(), true), call(:counter, :get) |> is_integer(), :sys.trace(d(), false)}
    b = {:sys.log(d(), {true, 3}), :sys.log(d(), false), :sys.get_state(d(), 2000) |> Map.keys()}
    {a, b, :sys.no_debug(d())}
  end
  kase "exit reasons as structs and with a stack" do
    e = %RuntimeError{message: "boom"}
    for r <- [e, {e, []}, {e, [{Mod, :f, 1, [file: ~c"mod.ex", line: 3]}]}, {:nocatch, e}, %KeyError{key: :a, term: %{}}, {:bad_return_value, e}] do
      p = puppet()
      m = Process.monitor(p)
      acts(p, [{:stop, r}])
      {_, why} = down(m)
      why == r
    end
  end
  kase "a task that raises is linked with a process of the node" do
    t = puppet(:trap)
    {:ok, v} = Task.start(fn -> receive do :go -> raise ArgumentError, "no" end end)
    act(t, {:link, v}); act(t, {:monitor, v})
    send(v, :go)
    r = for x <- taken(t, 2), {e, st} = List.last(Tuple.to_list(x)), do: {elem(x, 0), e, is_list(st) and st != []}
    quit(t)
    Enum.sort(r)
  end
  kase "Elixir's exceptions by rpc" do
    p = puppet()
    f = fn m, fun, a -> act(p, {:rpc, node(), m, fun, a, 3000}) end
    r = [f.(Map, :fetch!, [%{a: 1}, :b]), f.(String, :to_integer, ["x"]), f.(Kernel, :hd, [[]]), f.(Integer, :pow, [2, -1]), f.(String, :upcase, ["joe"]), f.(Enum, :sum, [[1, 2, 3]])]
    quit(p)
    r
  end
  kase "an Agent, a Task and a supervised task, started from the node" do
    p = puppet()
    f = fn m, fun, a -> act(p, {:rpc, node(), m, fun, a, 3000}) end
    {:ok, {:ok, ag}} = f.(Agent, :start, [Map, :new, []])
    {:ok, s} = Task.Supervisor.start_link()
    a = [f.(Agent, :get_and_update, [ag, Map, :pop, [:none]]), f.(Agent, :update, [ag, Map, :put, [:k, "v"]]), f.(Agent, :get, [ag, Map, :get, [:k]])]
    {:ok, {:ok, t}} = f.(Task.Supervisor, :start_child, [s, Process, :sleep, [:infinity]])
    b = {Task.Supervisor.children(s) == [t], act(p, {:link, t}), f.(Process, :alive?, [ag])}
    m = Process.monitor(p)
    Process.exit(t, :bye)
    {_, why} = down(m)
    {a, b, why, Agent.stop(ag)}
  end
  kase "a Registry by rpc, and calls through its via name" do
    {:ok, _} = Registry.start_link(keys: :unique, name: Reg145)
    {:ok, ag} = Agent.start(fn -> 7 end, name: {:via, Registry, {Reg145, "seven"}})
    p = puppet()
    f = fn m, fun, a -> act(p, {:rpc, node(), m, fun, a, 3000}) end
    r = {f.(GenServer, :whereis, [{:via, Registry, {Reg145, "seven"}}]) == {:ok, ag}, f.(Registry, :lookup, [Reg145, "none"]), act(p, {:call, ag, :odd, 500}) |> elem(0)}
    quit(p)
    r
  end
  kase "structs of Elixir come back as they are" do
    l = [~D[2026-11-29], ~T[11:00:00.5], ~U[2026-11-29 11:00:00Z], ~N[2026-11-29 11:00:00], 1..10//3, MapSet.new([1, "a", nil]), %URI{host: "x", port: 80}, ~r/a+b/i,
         Version.parse!("1.2.3-rc.1"), %RuntimeError{message: "é"}, Enum.map(1..3, &{&1, %{&1 => MapSet.new([&1])}}), :queue.from_list([1, 2]), :gb_sets.from_list([3, 1])]
    for x <- l, (y = call(:echo, x)) !== x, do: {x, y}
  end
  kase "maps of 32 and of 33 keys, of mixed kinds" do
    l = for n <- [31, 32, 33, 1000], do: Map.new(1..n, fn i -> {Enum.at([i, i * 1.0, {i}, [i], "#{i}", %{i => i}, <<i::7>>], rem(i, 7)), i} end)
    l = l ++ [%{1 => :int, 1.0 => :float}, Map.new(1..40, &{&1 * 1.0, &1}) |> Map.merge(Map.new(1..40, &{&1, &1}))]
    for x <- l, (y = call(:echo, x)) !== x, do: map_size(y)
  end
  kase "references of aliases, of requests, of other nodes, and long names" do
    b = peer(:"b@127.0.0.1")
    far = on(b, fn -> {make_ref(), self(), :erlang.alias([:reply])} end)
    long = String.to_atom(String.duplicate("漢", 255))
    l = [:erlang.alias(), :erlang.alias([:reply]), :gen_server.send_request({:slow, nut()}, :never), far, long, {long, long, [long | long]}, &Map.get/2, fn x -> x end, [<<1::1>> | <<2::2>>]]
    r = for x <- l, (y = call(:echo, x)) !== x, do: {x, y}
    p = puppet()
    r = {r, safe(fn -> call(long, :x) end), GenServer.cast({long, nut()}, :x), act(p, {:call, {long, node()}, :x, 1000})}
    quit(p)
    r
  end
  kase "pids of the node: equal, ordered, as keys, as text, as bytes" do
    p = puppet(); q = puppet()
    [p2, q2] = call(:echo, [p, q])
    m = act(p, {:monitor, self()})
    r = {p == p2, p2 === p, p == q, Enum.sort([q2, p]) == Enum.sort([p, q]), %{p => 1, q => 2}[p2], :erlang.list_to_pid(:erlang.pid_to_list(p)) == p, :erlang.binary_to_term(:erlang.term_to_binary(q2)) == q,
         node(p) == nut(), node(m) == nut(), m == call(:echo, m)}
    quit(p); quit(q)
    r
  end
  kase "many monitors of one process fire once each" do
    p = puppet()
    ms = for _ <- 1..500, do: Process.monitor(p)
    quit(p)
    l = for m <- ms, do: down(m)
    {length(l), Enum.uniq(for({_, r} <- l, do: r)), flush_all(100)}
  end
  kase "a group leader is set, and nothing happens" do
    p = puppet()
    a = Process.group_leader(p, self())
    r = {a, act(p, :stats).recorded, flush_all(50)}
    quit(p)
    r
  end
  kase "time limits of 0 and of none, and calls to oneself's node" do
    a = safe(fn -> GenServer.call({:slow, nut()}, {:later, 50, :x}, 0) end)
    {a, safe(fn -> GenServer.call({:slow, nut()}, {:later, 50, :x}, :infinity) end), flush_all(200), safe(fn -> GenServer.call({:slow, :"nobody@127.0.0.1"}, :now, 2000) end)}
  end
  kase "what a caller does not know it must not see: two tasks, one tag each" do
    ts = for i <- 1..20, do: Task.async(fn -> r = for(j <- 1..20, do: call(:slow, {:later, rem(i * j, 7), {i, j}})); {r == for(j <- 1..20, do: {i, j}), flush_all(5)} end)
    Task.await_many(ts, 20_000) |> Enum.uniq()
  end
  kase "a list of a million bytes, an iolist, a text of a megabyte" do
    l = [List.duplicate(7, 1_000_000), [["a" | "b"], ~c"cd", <<1, 2>>], String.duplicate("é", 500_000), List.duplicate("x", 30_000)]
    for x <- l, call(:echo, x) !== x, do: :differs
  end
  kase "messages that look like the kernel's own" do
    p = puppet()
    l = [{:EXIT, self(), :normal}, {:DOWN, make_ref(), :process, self(), :x}, {:nodedown, node()}, {:io_request, self(), make_ref(), :getopts}, {make_ref(), :x}, {[:alias | make_ref()], :x}]
    for m <- l, do: send(p, m)
    act(p, :nodes)
    r = length(act(p, :take))
    quit(p)
    r
  end
end
