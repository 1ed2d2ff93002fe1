defmodule Suite.Puppet do
  @moduledoc "A puppet of the contract on the tester's node, as far as histories need one."
  use GenServer
  def init(trap), do: (Process.flag(:trap_exit, trap == :trap); {:ok, []})
  def handle_call({:do, :take}, _, s), do: {:reply, Enum.reverse(s), []}
  def handle_call({:do, :stats}, _, s), do: {:reply, :ok, s}
  def handle_call({:do, c}, _, s), do: {:reply, run(c), s}
  def handle_cast({:do, [{:stop, r}]}, s), do: {:stop, r, s}
  def handle_cast({:do, cs}, s), do: (Enum.each(cs, &run/1); {:noreply, s})
  def handle_info(t, s), do: {:noreply, [t | s]}
  defp run({:link, p}), do: (Process.link(p); :ok)
  defp run({:unlink, p}), do: (Process.unlink(p); :ok)
  defp run({:monitor, d}), do: Process.monitor(d)
  defp run({:demonitor, r}), do: (Process.demonitor(r, [:flush]); :ok)
  defp run({:exit, p, r}), do: (Process.exit(p, r); :ok)
  defp run({:send, d, t}), do: (send(d, t); :ok)
end

defmodule Suite.Histories do
  @moduledoc """
  Histories at random, played twice: every second puppet lives on another node, the node under test or a BEAM, and whatever one does to
  another goes between the nodes. Both times all see the same.
  """
  import Suite, except: [puppet: 1]
  @reasons [:normal, :kill, :shutdown, :x, {:shutdown, 1}, "text", {:y, [1, 2.5]}]

  @doc "Those of these seeds whose histories differ, each with its steps up to the first difference, the last one first."
  def differing(seeds, steps) do
    beam = peer(:"b@127.0.0.1")
    there = fn kind -> on(beam, fn -> elem(GenServer.start(Suite.Puppet, kind), 1) end) end
    # Where a process is told of an end and acts at the same time, either may be first: what differs by chance does not do so each time.
    for seed <- seeds, d = Enum.reduce(1..4, true, fn _, d -> d && differs(seed, steps, there) end), do: {seed, d}
  end

  defp differs(seed, steps, there) do
    history = history(seed, steps)
    ours = in_process(fn -> play(history, &Suite.puppet/1) end)
    beams = in_process(fn -> play(history, there) end)
    Enum.zip([ours, beams])
    |> Enum.with_index()
    |> Enum.find_value(fn {{a, b}, at} ->
      if a != b, do: [{:ours, a -- b}, {:beams, b -- a} | history |> Enum.take(at + 1) |> Enum.reverse()]
    end)
  end
  # What is told of its puppets does not come into the next play.
  defp in_process(f), do: f |> Task.async() |> Task.await(:infinity)

  defp start(i, kind, there) do
    if rem(i, 2) == 0, do: there.(kind), else: elem(GenServer.start(Suite.Puppet, kind), 1)
  end

  # ---- what is done -------------------------------------------------------------------------------------------------
  defp history(seed, steps) do
    :rand.seed(:exsss, {seed, 7, 77})
    first = for i <- 0..3, do: {:new, i, Enum.random([:plain, :trap])}
    {rest, _} = Enum.map_reduce(1..steps, {4, 0}, &step/2)
    first ++ rest
  end
  # n puppets and m monitors have been made
  defp step(_, {n, m}) do
    p = :rand.uniform(n) - 1
    # the other one lives on the other node
    q = Enum.random(for i <- 0..(n - 1), rem(i, 2) != rem(p, 2), do: i)
    case :rand.uniform(100) do
      x when x <= 22 -> {{:link, p, q}, {n, m}}
      x when x <= 34 -> {{:unlink, p, q}, {n, m}}
      x when x <= 50 -> {{:monitor, p, q, m}, {n, m + 1}}
      x when x <= 56 and m > 0 -> {{:demonitor, :rand.uniform(m) - 1}, {n, m}}
      x when x <= 70 -> {{:exit, p, q, Enum.random(@reasons)}, {n, m}}
      x when x <= 76 -> {{:stop, p, Enum.random(@reasons)}, {n, m}}
      x when x <= 84 -> {{:send, p, q, x}, {n, m}}
      x when x <= 92 -> {{:volley, p, q, for(_ <- 1..4, do: Enum.random([:link, :unlink, :word, :monitor, {:exit, Enum.random(@reasons)}]))}, {n, m}}
      _ -> {{:new, n, Enum.random([:plain, :trap])}, {n + 1, m}}
    end
  end

  # ---- how it is played -----------------------------------------------------------------------------------------------
  defp play(history, there) do
    {seen, w} = Enum.map_reduce(history, %{pids: %{}, is: %{}, monitors: %{}, dead: %{}}, fn step, w -> observe(deed(step, w, there)) end)
    for {_, p} <- w.pids, do: Process.exit(p, :kill)
    for {i, p} <- w.pids, w.dead[i] == nil, do: GenServer.cast(p, {:do, [{:stop, :normal}]})
    seen
  end
  defp deed({:new, i, kind}, w, there) do
    p = start(i, kind, there)
    %{w | pids: Map.put(w.pids, i, p), is: Map.put(w.is, p, i), dead: Map.put(w.dead, i, nil)} |> watch(i, p)
  end
  defp deed({:monitor, i, j, m}, w, _) do
    case tell(w, i, {:monitor, w.pids[j]}) do
      r when is_reference(r) -> %{w | monitors: Map.put(w.monitors, m, {i, r})}
      _ -> w
    end
  end
  defp deed({:demonitor, m}, w, _) do
    with {i, r} <- w.monitors[m], do: tell(w, i, {:demonitor, r})
    w
  end
  defp deed({:stop, i, r}, w, _), do: (cast(w, i, [{:stop, r}]); w)
  defp deed({:volley, i, j, items}, w, _) do
    q = w.pids[j]
    cast(w, i, for {item, k} <- Enum.with_index(items) do
      case item do
        :link -> {:link, q}
        :unlink -> {:unlink, q}
        :monitor -> {:monitor, q}
        :word -> {:send, q, {:word, i, k}}
        {:exit, r} -> {:exit, q, r}
      end
    end)
    w
  end
  defp deed({:send, i, j, x}, w, _), do: (tell(w, i, {:send, w.pids[j], {:word, i, x}}); w)
  defp deed({:exit, i, j, r}, w, _), do: (tell(w, i, {:exit, w.pids[j], r}); w)
  defp deed({what, i, j}, w, _), do: (tell(w, i, {what, w.pids[j]}); w)

  defp watch(w, i, p), do: (Process.put(Process.monitor(p), i); w)
  defp cast(w, i, cmds), do: if(w.dead[i] == nil, do: GenServer.cast(w.pids[i], {:do, cmds}))
  defp tell(w, i, cmd) do
    if w.dead[i] == nil, do: catch_all(fn -> act(w.pids[i], cmd, 5000) end)
  end

  # Waits until nothing moves any more: signals arrive behind each other, and each end may cause one more.
  defp observe(w) do
    for _ <- 1..4 do
      for {i, _} <- w.pids, do: tell(w, i, :stats)
      # The dead do not answer, their node does.
      :erpc.call(node(w.pids[0]), :erlang, :node, [])
    end
    w = ends(w)
    {for {i, _} <- Enum.sort(w.pids) do
      case w.dead[i] do
        nil -> {i, tell(w, i, :take) |> seen(w)}
        reason -> {i, :dead, reason}
      end
    end, w}
  end
  defp ends(w) do
    receive do
      {:DOWN, r, :process, _, why} ->
        i = Process.delete(r)
        if i == nil, do: ends(w), else: ends(put_in(w.dead[i], {why}))
    after 0 -> w
    end
  end
  # What different senders have sent stands in no order.
  defp seen(list, w) when is_list(list) do
    list |> Enum.map(fn
      {:EXIT, p, r} -> {w.is[p], :exit, r}
      {:DOWN, _, :process, p, r} -> {w.is[p], :down, r}
      {:word, from, x} -> {from, :word, x}
      other -> {:unknown, other}
    end) |> Enum.group_by(&elem(&1, 0))
  end
  defp seen(other, _), do: other
end
