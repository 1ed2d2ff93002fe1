defmodule Cases.More do
  use Suite, group: "more", order: 148, node: "--hidden"
  def d, do: {:counter, nut()}
  def again(p \\ nil), do: eventually(fn -> (x = call(:counter, :pid)) != p && x end)
  # how it ended, without what OTP adds to the reason
  def how(f) do
    f.()
  catch
    :exit, {r, {m, _, _}} when is_atom(m) -> {:exit, r}
    :exit, {r, st} when is_list(st) -> {:exit, r}
    :error, {:exception, r, _} -> {:exception, r}
    k, r -> {k, r}
  end
  kase "erpc: time limits, wrong arguments, a node that is not there" do
    [how(fn -> :erpc.call(nut(), Rust, :sleep, [10], 0) end), how(fn -> :erpc.call(nut(), Rust, :sleep, [10], :infinity) end), how(fn -> :erpc.call(nut(), Rust, :add, :odd, 2000) end),
     how(fn -> :erpc.call(:"nobody@127.0.0.1", Rust, :add, [1, 2], 2000) end), how(fn -> :erpc.call(nut(), Rust, :hello, ["x"], -1) end), flush_all(50)]
  end
  kase "rpc: a node that is not there, no arguments, many" do
    {:rpc.call(:"nobody@127.0.0.1", Rust, :add, [1, 2]), :rpc.cast(:"nobody@127.0.0.1", Rust, :note, [1]), :rpc.multicall([:"nobody@127.0.0.1"], Rust, :add, [1, 2], 2000),
     :rpc.call(nut(), :erlang, :node, [], :infinity), (case :rpc.call(nut(), Rust, :add, Enum.to_list(1..300)) do {:badrpc, {:EXIT, {:undef, [{Rust, :add, l, _} | _]}}} -> length(l); o -> o end)}
  end
  kase "erpc:multicall of this node, of one that is not there, and in time" do
    :erpc.multicall([nut(), :"nobody@127.0.0.1", node()], :erlang, :node, [], 3000) ++ :erpc.multicall([nut(), nut()], Rust, :sleep, [500], 50)
  end
  kase "requests of erpc are given up, and checked by hand" do
    r = :erpc.send_request(nut(), Rust, :sleep, [1000])
    a = how(fn -> :erpc.receive_response(r, 20) end)
    b = flush_all(1300)
    r = :erpc.send_request(nut(), Rust, :add, [4, 5])
    m = recv()
    {a, b, :erpc.check_response(m, r), :erpc.check_response(:other, :erpc.send_request(nut(), Rust, :add, [4, 5]))}
  end
  kase "an erpc request while the node goes" do
    r = :erpc.send_request(nut(), Rust, :sleep, [20_000])
    s = :gen_server.send_request({:slow, nut()}, :never)
    settle()
    disconnect()
    {how(fn -> :erpc.receive_response(r, 3000) end), :gen_server.receive_response(s, 3000), flush_all(50)}
  end
  kase "an rpc while the node is killed", n do
    t = for f <- [fn -> :rpc.call(nut(), Rust, :sleep, [20_000]) end, fn -> :rpc.block_call(nut(), Rust, :sleep, [20_000]) end, fn -> how(fn -> :erpc.call(nut(), Rust, :sleep, [20_000]) end) end], do: Task.async(f)
    k = :rpc.async_call(nut(), Rust, :sleep, [20_000])
    settle()
    kill9(n)
    Task.await_many(t) ++ [:rpc.yield(k)]
  end
  kase "requests of gen_server: checked by hand, of nobody, of one that ends" do
    s = :gen_server.send_request({:calc, nut()}, {:add, 4, 5})
    m = recv()
    a = {:gen_server.check_response(m, s), :gen_server.check_response(:other, s)}
    f = fn to, q -> :gen_server.receive_response(:gen_server.send_request(to, q), 3000) |> scrub() end
    p = call(:counter, :pid)
    b = [f.({:nobody, nut()}, :x), f.({:x, :"nobody@127.0.0.1"}, :x), f.(p, :get), f.(p, {:halt, {:bye, 1}}), f.(p, :get), f.({:counter, nut()}, {:stop, :normal})]
    again(p)
    {a, b, flush_all(50)}
  end
  kase "gen_statem: requests and calls" do
    f = fn to, q -> :gen_statem.receive_response(:gen_statem.send_request(to, q), 3000) |> scrub() end
    a = [f.({:calc, nut()}, {:add, 1, 1}), f.({:nobody, nut()}, :x), f.(call(:counter, :pid), {:halt, :over})]
    again()
    b = for {to, q, t} <- [{:nobody, :x, 1000}, {:slow, :never, 100}, {:slow, :never, {:dirty_timeout, 100}}, {:slow, :never, {:clean_timeout, 100}}, {:counter, {:halt, :over}, 3000}, {:slow, {:later, 50, :x}, :infinity}], do: how(fn -> :gen_statem.call({to, nut()}, q, t) end)
    again()
    {a, b, flush_all(50)}
  end
  kase "gen_event's requests, to what is no event manager" do
    call(:log, :take)
    n = {:nobody, nut()}
    a = for f <- [fn -> :gen_event.sync_notify(n, :x) end, fn -> :gen_event.call(n, :handler, :x, 500) end, fn -> :gen_event.which_handlers(n) end, fn -> :gen_event.add_handler(n, :handler, []) end, fn -> :gen_event.stop(n) end], do: how(f)
    m = {:log, nut()}
    b = [:gen_event.notify(m, 1), how(fn -> :gen_event.call(m, :handler, :x, 200) end)]
    {a, b, call(:log, :take) |> length()}
  end
  kase "stop: by proc_lib, gen_server, gen_statem and gen_event, and twice" do
    f = fn g -> p = call(:counter, :pid); r = how(fn -> g.(p) end); again(p); r end
    a = [f.(fn _ -> :proc_lib.stop(d(), {:shutdown, :stopped}, 3000) end), f.(&:proc_lib.stop/1), f.(fn _ -> :gen_server.stop(d(), :normal, 3000) end), f.(&:gen_server.stop/1), f.(fn _ -> :gen_statem.stop(d(), :why, 3000) end), f.(&GenServer.stop(&1, :shutdown)), f.(fn _ -> :sys.terminate(d(), :gone) end)]
    p = call(:counter, :pid)
    GenServer.stop(p)
    again(p)
    n = {:nobody, nut()}
    {a, how(fn -> GenServer.stop(p) end), for(g <- [&:gen_server.stop(&1, :normal, 1000), &:proc_lib.stop(&1, :normal, 1000), &:gen_statem.stop(&1, :normal, 1000), &:sys.terminate(&1, :x, 1000), &:sys.get_state(&1, 1000), &:sys.suspend(&1, 1000)], do: how(fn -> g.(n) end)), flush_all(50)}
  end
  kase "supervisor, application and registry functions of nobody" do
    n = {:nobody, nut()}
    [how(fn -> :supervisor.which_children(n) end), how(fn -> Supervisor.count_children(n) end), how(fn -> Supervisor.start_child(n, %{id: 1, start: {Agent, :start_link, [fn -> 1 end]}}) end), how(fn -> Supervisor.terminate_child(n, 1) end), how(fn -> DynamicSupervisor.which_children(n) end),
     how(fn -> DynamicSupervisor.start_child(n, {Agent, fn -> 1 end}) end), how(fn -> Task.Supervisor.async(n, Rust, :add, [1, 2]) |> Task.await() end), how(fn -> Task.Supervisor.start_child(n, Rust, :add, [1, 2]) end), how(fn -> Task.Supervisor.children(n) end), how(fn -> Agent.get(n, Map, :new, []) end), how(fn -> Agent.cast(n, Map, :new, []) end)]
  end
  kase "monitors with options: an alias, a tag, both, of names and pids" do
    p = puppet()
    a = for o <- [[alias: :demonitor], [alias: :reply_demonitor], [alias: :explicit_unalias], [tag: :gone], [tag: {:gone, self()}, alias: :demonitor]], to <- [p, {:factory, nut()}, {:nobody, nut()}] do
      m = :erlang.monitor(:process, to, o)
      r = receive do {t, ^m, :process, _, r} -> {scrub(t), r} after 60 -> :lives end
      {r, :erlang.demonitor(m, [:flush, :info]), :erlang.unalias(m)}
    end
    r = {a, act(p, :stats).watchers, flush_all(20)}
    quit(p)
    r
  end
  kase "a message to the alias of a monitor, sent by the node" do
    p = puppet()
    m = :erlang.monitor(:process, p, alias: :reply_demonitor)
    send(p, {:"$gen_call", {self(), [:alias | m]}, {:do, :nodes}})
    a = receive do {[:alias | ^m], l} -> is_list(l) after 2000 -> :nothing end
    w = act(p, :stats).watchers
    send(p, {:"$gen_call", {self(), [:alias | m]}, {:do, :nodes}})
    r = {a, w, flush_all(100)}
    quit(p)
    r
  end
  kase "Process.exit: every reason, to a pid that traps and one that does not, to a dead one" do
    l = for r <- [:normal, :kill, :shutdown, {:shutdown, 1}, :noproc, :noconnection, "text", {:a, [1 | 2]}, %{k: 1.5}, nil, true, 7], kind <- [:plain, :trap] do
      p = puppet(kind)
      m = Process.monitor(p)
      true = Process.exit(p, r)
      x = if r == :normal or (kind == :trap and r != :kill), do: {:alive, scrub(act(p, :take))}, else: elem(down(m), 1)
      quit(p)
      x
    end
    p = puppet()
    quit(p)
    {l, Process.exit(p, :kill), Node.ping(nut())}
  end
  kase "one's own link: exit normal, exit kill, an exit of the linked, a throw, an error" do
    for f <- [fn -> :ok end, fn -> exit(:normal) end, fn -> exit({:x, 1}) end, fn -> Process.exit(self(), :kill) end, fn -> throw(:ball) end, fn -> :erlang.error(:bad) end] do
      t = puppet(:trap)
      me = self()
      spawn(fn -> act(t, {:link, self()}); send(me, :linked); f.() end)
      receive do :linked -> :ok end
      [{:EXIT, _, r}] = taken(t, 1)
      quit(t)
      case r do {x, st} when is_list(st) -> x; x -> x end
    end
  end
  kase "spawn_monitor and spawn_link here, of what calls the node" do
    {p, m} = spawn_monitor(fn -> exit({:got, call(:calc, {:add, 1, 1})}) end)
    {^p, r} = down(m)
    Process.flag(:trap_exit, true)
    q = spawn_link(fn -> act(puppet(), {:stop, :normal}) end)
    {r, how_exit(exit_of(q))}
  end
  def how_exit({r, {m, _, _}}) when is_atom(m), do: r
  def how_exit(r), do: r
  kase "send with options, to nobody, to a dead pid, to a node that is not connected" do
    p = puppet()
    quit(p)
    a = for to <- [p, {:nobody, nut()}, {:log, nut()}], o <- [[], [:nosuspend], [:noconnect], [:nosuspend, :noconnect]], do: :erlang.send(to, :m, o)
    disconnect()
    b = {:erlang.send({:log, nut()}, :m, [:noconnect]), connected?(), :erlang.send({:log, nut()}, :m, [:nosuspend]), eventually(fn -> connected?() end), :erlang.send_nosuspend({:log, nut()}, :m), :erlang.send_nosuspend({:log, nut()}, :m, [:noconnect])}
    c = {:erlang.send({:log, :"nobody@127.0.0.1"}, :m, [:noconnect]), :erlang.send({:log, :"nobody@127.0.0.1"}, :m)}
    call(:log, :take)
    {Enum.uniq(a), b, c}
  end
  kase "timers of this node send to the node" do
    call(:log, :take)
    {:ok, _} = :timer.apply_after(20, :erlang, :send, [{:log, nut()}, :applied])
    {:ok, _} = :timer.send_after(40, {:log, nut()}, :sent)
    Process.sleep(150)
    call(:log, :take)
  end
  kase "large messages both ways: texts, lists, maps, tuples, deep and wide" do
    big = fn n -> :binary.copy(<<1, 2, 3, 4>>, div(n, 4)) end
    deep = fn n -> Enum.reduce(1..n, [], fn i, a -> {i, a} end) end
    l = [big.(65_531), big.(65_536), big.(65_537), big.(131_072), big.(8_000_000), List.duplicate("text", 100_000), Map.new(1..50_000, &{&1, [&1]}), List.to_tuple(Enum.to_list(1..100_000)), deep.(200), for(i <- 1..300, do: big.(i * 100)), Enum.to_list(1..200_000), String.duplicate("漢", 300_000)]
    for {x, i} <- Enum.with_index(l), (y = GenServer.call({:echo, nut()}, x, 20_000)) !== x, do: {i, byte_size(:erlang.term_to_binary(y))}
  end
  kase "large casts and messages in a row, small ones between them" do
    call(:log, :take)
    l = for i <- 1..60, do: {i, :binary.copy(<<i>>, if(rem(i, 3) == 0, do: 200_000, else: i))}
    for {i, _} = x <- l, do: (if rem(i, 2) == 0, do: GenServer.cast({:log, nut()}, x), else: send({:log, nut()}, x))
    call(:log, :take) == for({i, _} = x <- l, do: {if(rem(i, 2) == 0, do: :cast, else: :info), x})
  end
  kase "large messages by the node to a pid and a name, from several senders" do
    Process.register(self(), :big148)
    ps = for _ <- 1..4, do: puppet()
    for {p, i} <- Enum.with_index(ps), do: acts(p, List.duplicate({:send, (if rem(i, 2) == 0, do: self(), else: {:big148, node()}), {i, :binary.copy("x", 300_000)}}, 5))
    l = for _ <- 1..20, do: (receive do {i, b} -> {i, byte_size(b)} after 5000 -> :nothing end)
    Enum.each(ps, &quit/1)
    Enum.sort(Enum.frequencies(l))
  end
  kase "a process group of this node alone, and scopes that the hidden node does not have" do
    {:ok, s} = :pg.start_link(:scope148)
    :pg.join(:scope148, :g, self())
    p = puppet()
    act(p, {:join, :hidden148})
    r = {:pg.which_groups(:scope148), :pg.get_members(:scope148, :g) == [self()], :hidden148 in :pg.which_groups(), act(p, {:members, :hidden148}) == [p]}
    quit(p)
    Process.unlink(s); Process.exit(s, :kill)
    r
  end
  kase "global: locks and names with the hidden node beside" do
    a = :global.set_lock({:lock148, self()}, [node()])
    b = {:global.register_name(:name148, self()), :global.whereis_name(:name148) == self(), :name148 in :global.registered_names(), :global.send(:name148, :hi) == self(), recv()}
    :global.unregister_name(:name148)
    {a, b, :global.del_lock({:lock148, self()}, [node()]), :global.whereis_name(:name148), how(fn -> :global.send(:name148, :hi) end) |> elem(0), :global.trans({:x148, self()}, fn -> :done end, [node()])}
  end
  kase "net_kernel and net_adm: of the node" do
    {:net_kernel.connect_node(nut()), :net_adm.ping(nut()), (case :net_kernel.node_info(nut()) do {:ok, l} -> l[:state]; o -> o end), (case :net_kernel.node_info(nut(), :type) do {:ok, t} -> t; o -> o end), length(elem(:net_kernel.nodes_info(), 1)) >= 1, :net_kernel.connect_node(:"nobody@127.0.0.1"),
     :net_adm.ping(:"nobody@127.0.0.1"), :net_adm.ping(:odd), :erlang.nodes(:hidden), :erlang.nodes(:visible), nut() in :erlang.nodes(:known)}
  end
  kase "monitor_node: once for each, off, of a node that is not there" do
    Node.monitor(nut(), true); Node.monitor(nut(), true); Node.monitor(nut(), false)
    disconnect()
    a = flush_all(200)
    Node.monitor(:"nobody@127.0.0.1", true)
    b = recv()
    :erlang.monitor_node(:"nobody@127.0.0.1", true, [:allow_passive_connect])
    {a, b, recv(), call(:calc, {:add, 1, 1})}
  end
  kase "connections in a hurry: connect, disconnect, call, ten times" do
    l = for i <- 1..10 do
      true = Node.connect(nut())
      m = Process.monitor({:calc, nut()})
      t = Task.async(fn -> how(fn -> call(:slow, :never) end) end)
      r = call(:calc, {:add, i, 1})
      settle()
      disconnect()
      {r == {:ok, i + 1}, elem(down(m), 1), Task.await(t)}
    end
    Enum.uniq(l)
  end
  kase "callers that die while they call leave nothing" do
    p = puppet()
    for _ <- 1..100 do
      {q, m} = spawn_monitor(fn -> GenServer.call(p, :nothing_fits, 5000); Process.monitor(p); Process.link(p); Process.sleep(:infinity) end)
      Process.exit(q, :kill)
      down(m)
    end
    r = {eventually(fn -> s = act(p, :stats); s.watchers <= 1 and s.links == 0 end), act(p, :take)}
    quit(p)
    r
  end
  kase "the caller's reply goes to another process's alias, and to a third one by the node" do
    me = self()
    t = Task.async(fn -> a = :erlang.alias(); send(me, {:alias, a}); receive do {[:alias | ^a], r} -> r after 3000 -> :nothing end end)
    a = receive do {:alias, a} -> a end
    send({:calc, nut()}, {:"$gen_call", {t.pid, [:alias | a]}, {:add, 3, 4}})
    send({:calc, nut()}, {:"$gen_call", {t.pid, :tag}, {:add, 3, 4}})
    {Task.await(t), flush_all(50)}
  end
  kase "tags of every shape" do
    for tag <- [1, "t", nil, [], {}, %{a: 1}, [1, 2], {:a, [:b | :c]}, 1.5, make_ref(), self(), [make_ref() | make_ref()], [[:alias], make_ref()], <<1::3>>] do
      send({:calc, nut()}, {:"$gen_call", {self(), tag}, {:add, 1, 1}})
      receive do {^tag, r} -> r after 500 -> {:nothing, tag} end
    end |> Enum.uniq()
  end
  kase "calls that are no calls: nothing answers" do
    p = call(:counter, :pid)
    for m <- [{:"$gen_call"}, {:"$gen_call", :x, :get}, {:"$gen_call", {:x, :y}, :get}, {:"$gen_call", {self()}, :get}, {:"$gen_call", {self(), 1, 2}, :get}, {:"$gen_cast"}, {:"$gen_cast", 1, 2}, {:system}, {:system, :x, :get_state}, {:system, {:x, :y}, :get_state}, {:"$gen_all_state_event", :x}, {:"$gen_sync_all_state_event", {self(), :t}, :x}, {:"$ancestors"}, {:EXIT, p, :kill}, {:timeout, make_ref(), :x}, {:notify, :x}, {:_Gen_event_, :x}, :timeout, :"$gen_call", [], %{}],
        to <- [d(), p], do: send(to, m)
    {again() |> is_pid(), flush_all(50)}
  end
end
