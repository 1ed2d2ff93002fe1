defmodule Cases.Spawn do
  use Suite, group: "spawn", order: 149, node: "--hidden"
  # how a process ended, without the stack
  def why({r, st}) when is_list(st), do: {r, :stack}
  def why(r), do: r
  def all(n), do: for(_ <- 1..n, do: recv(500)) |> Enum.map(fn {:DOWN, _, _, _, r} -> {:down, why(r)}; {:EXIT, _, r} -> {:exit, why(r)}; {t, _, :ok, _} -> {t, :ok}; o -> o end)
  kase "spawn: a function that the node offers, and its pid" do
    call(:log, :take)
    p = Node.spawn(nut(), Rust, :note, [1])
    q = :erlang.spawn(nut(), Rust, :note, [2])
    {node(p) == nut(), p != q, logged(2)}
  end
  kase "spawn_monitor: how it ends" do
    for {f, a} <- [note: [1], fail: [:oops], exit: [:out], exit: [:normal], exit: [{:shutdown, 1}], exit: [:kill], throw: [:ball]] do
      {p, m} = :erlang.spawn_monitor(nut(), Rust, f, a)
      {^p, r} = down(m)
      why(r)
    end
  end
  kase "spawn_link: how it ends, and what is linked" do
    Process.flag(:trap_exit, true)
    for {f, a} <- [note: [1], fail: [:oops], exit: [:out], throw: [:ball], exit: [:kill]] do
      p = Node.spawn_link(nut(), Rust, f, a)
      why(exit_of(p))
    end
  end
  kase "spawn_link: the child dies with its parent, and not of a normal exit" do
    for r <- [:bye, :kill, :normal] do
      me = self()
      q = spawn(fn -> send(me, {:child, Node.spawn_link(nut(), Rust, :sleep, [800])}); receive do r -> exit(r) end end)
      p = receive do {:child, p} -> p end
      m = Process.monitor(p)
      settle()
      send(q, r)
      elem(down(m), 1)
    end
  end
  kase "exit/2, monitor, link and unlink of what was spawned" do
    Process.flag(:trap_exit, true)
    p = Node.spawn(nut(), Rust, :sleep, [20_000])
    m = Process.monitor(p)
    Process.link(p); Process.unlink(p); Process.link(p)
    Process.exit(p, :normal)
    a = flush_all(100)
    Process.exit(p, {:why, 1})
    q = Node.spawn(nut(), Rust, :sleep, [20_000])
    n = Process.monitor(q)
    Process.exit(q, :kill)
    {a, down(m) |> scrub(), exit_of(p), down(n) |> scrub(), elem(down(Process.monitor(p)), 1), send(p, :x) == :x}
  end
  kase "spawn_request: replies, links and monitors" do
    Process.flag(:trap_exit, true)
    _ = :erlang.spawn_request(nut(), Rust, :note, [4], [:monitor, :link])
    a = all(3) |> Enum.sort()
    _ = :erlang.spawn_request(nut(), Rust, :fail, [:oops], [:monitor, :link, {:reply_tag, :tag}])
    b = all(3) |> Enum.sort()
    _ = :erlang.spawn_request(nut(), Rust, :note, [4], reply: :no)
    _ = :erlang.spawn_request(nut(), Rust, :note, [4], reply: :error_only)
    r = :erlang.spawn_request(nut(), Rust, :sleep, [300], [:monitor])
    c = :erlang.spawn_request_abandon(r)
    {a, b, c, flush_all(500)}
  end
  kase "spawn_opt: of a priority, with a monitor and a tag" do
    {_, m} = :erlang.spawn_opt(nut(), Rust, :fail, [:oops], [{:monitor, tag: :gone}, {:priority, :high}, {:min_heap_size, 1000}])
    receive do {:gone, ^m, :process, _, r} -> why(r) after 2000 -> :nothing end
  end
  kase "spawned processes while the node goes" do
    Process.flag(:trap_exit, true)
    p = Node.spawn_link(nut(), Rust, :sleep, [20_000])
    {_, m} = :erlang.spawn_monitor(nut(), Rust, :sleep, [20_000])
    disconnect()
    {exit_of(p), elem(down(m), 1), Node.ping(nut())}
  end
end
