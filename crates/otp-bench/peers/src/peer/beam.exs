# The workloads on the BEAM, as src/workload has them for the libraries.
#
# It reads commands from standard input, a line each: the name of a workload and a number of operations. For each it
# writes a line: the nanoseconds on the wall and the nanoseconds of the processors, or for `idle` the resident bytes of
# all servers together. It ends with the input.

defmodule Adder do
  use GenServer

  def start(options \\ []), do: GenServer.start(__MODULE__, 0, options)
  def start_link(options \\ []), do: GenServer.start_link(__MODULE__, 0, options)

  @impl true
  def init(total), do: {:ok, total}

  @impl true
  def handle_call({:total, n}, _from, total), do: {:reply, total + n, total + n}

  @impl true
  def handle_cast({:add, n}, total), do: {:noreply, total + n}
  def handle_cast(:crash, total), do: {:stop, :told_to_fail, total}
end

defmodule Member do
  use GenServer

  def start(rest), do: GenServer.start(__MODULE__, {nil, rest})

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_cast({:next, next}, {_, rest}), do: {:noreply, {next, rest}}

  def handle_cast({:token, 0}, {_, rest} = state) do
    send(rest, :at_rest)
    {:noreply, state}
  end

  def handle_cast({:token, left}, {next, _} = state) do
    GenServer.cast(next, {:token, left - 1})
    {:noreply, state}
  end
end

defmodule Messages do
  @callers 64
  @senders 4
  @flood 100_000

  def call(operations) do
    {:ok, server} = Adder.start()
    Cost.of(fn -> calls(server, operations) end)
  end

  def callers(operations), do: together(@callers, &calls(&1, div(operations, @callers)))

  def cast(operations) do
    {:ok, server} = Adder.start()
    Cost.of(fn -> floods(server, operations) end)
  end

  def cast_four(operations), do: together(@senders, &floods(&1, div(operations, @senders)))

  defp together(clients, client) do
    {:ok, server} = Adder.start()

    Cost.of(fn ->
      running = for _ <- 1..clients, do: spawn_monitor(fn -> client.(server) end)

      for {pid, monitor} <- running do
        receive do
          {:DOWN, ^monitor, :process, ^pid, :normal} -> :ok
        end
      end
    end)
  end

  defp calls(_server, 0), do: :ok

  defp calls(server, left) do
    GenServer.call(server, {:total, left})
    calls(server, left - 1)
  end

  defp floods(_server, 0), do: :ok

  defp floods(server, left) do
    flood = min(left, @flood)
    casts(server, flood)
    GenServer.call(server, {:total, 0})
    floods(server, left - flood)
  end

  defp casts(_server, 0), do: :ok

  defp casts(server, left) do
    GenServer.cast(server, {:add, left})
    casts(server, left - 1)
  end
end

defmodule Tokens do
  def ring(operations), do: rings(operations, 1, 100)
  def pairs(operations), do: rings(operations, 1_000, 2)

  defp rings(operations, rings, members) do
    firsts = for _ <- 1..rings, do: ring_of(members)

    Cost.of(fn ->
      left = div(operations, rings) - 1
      Enum.each(firsts, &GenServer.cast(&1, {:token, left}))
      for _ <- 1..rings, do: receive(do: (:at_rest -> :ok))
    end)
  end

  defp ring_of(members) do
    ring = for _ <- 1..members, do: elem(Member.start(self()), 1)
    nexts = tl(ring) ++ [hd(ring)]
    Enum.zip_with(ring, nexts, &GenServer.cast(&1, {:next, &2}))
    hd(ring)
  end
end

defmodule Names do
  # Local names, which are atoms: a cast to one is a lookup and a send.
  @servers 10_000
  @flood 100_000

  def lookup(operations) do
    names = for n <- 0..(@servers - 1), do: :"server-#{n}"
    Enum.each(names, &({:ok, _} = Adder.start(name: &1)))
    :rand.seed(:exsss, {1, 2, 3})
    names_by_index = List.to_tuple(names)
    order = for _ <- 1..@flood, do: elem(names_by_index, :rand.uniform(@servers) - 1)
    # As in otp-bench, the servers have had one flood before.
    floods(names, order, @flood)
    cost = Cost.of(fn -> floods(names, order, operations) end)
    # The names are free for the next time.
    Enum.each(names, &GenServer.stop/1)
    cost
  end

  defp floods(_names, _order, 0), do: :ok

  defp floods(names, order, left) do
    flood = min(left, @flood)
    casts(order, flood)
    Enum.each(names, &GenServer.call(&1, {:total, 0}))
    floods(names, order, left - flood)
  end

  defp casts(_order, 0), do: :ok

  defp casts([name | order], left) do
    GenServer.cast(name, {:add, 1})
    casts(order, left - 1)
  end
end

defmodule Life do
  @batch 1_000
  # A supervisor goes through the restarts of its period, a second at least, at each restart. No supervisor restarts
  # more often than this, so that the list stays short.
  @restarts 100

  def start(operations), do: life(operations) |> elem(0)
  def stop(operations), do: life(operations) |> elem(1)

  def restart(operations) do
    names =
      for n <- 0..div(operations - 1, @restarts) do
        name = :"phoenix-#{n}"
        child = %{id: name, start: {Adder, :start_link, [[name: name]]}}
        limits = [strategy: :one_for_one, max_restarts: 2 * @restarts, max_seconds: 1]
        {:ok, supervisor} = Supervisor.start_link([child], limits)
        {name, supervisor}
      end

    cost = Cost.of(fn -> crashes(names, operations) end)
    Enum.each(names, fn {_, supervisor} -> Supervisor.stop(supervisor) end)
    cost
  end

  def dynamic_start(operations), do: dynamic_life(operations, @batch) |> elem(0)
  def dynamic_terminate(operations, children), do: dynamic_life(operations, children) |> elem(1)

  defp life(operations) do
    batches(operations, @batch, fn -> elem(Adder.start(), 1) end, &GenServer.stop/1)
  end

  defp dynamic_life(operations, children) do
    {:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)
    child = %{id: Adder, start: {Adder, :start_link, []}, restart: :temporary}
    start = fn -> elem(DynamicSupervisor.start_child(supervisor, child), 1) end
    costs = batches(operations, children, start, &DynamicSupervisor.terminate_child(supervisor, &1))
    DynamicSupervisor.stop(supervisor)
    costs
  end

  defp batches(operations, size, start, stop) do
    Enum.reduce(1..div(operations, size), {{0, 0}, {0, 0}}, fn _, {starts, stops} ->
      {started, servers} = Cost.and_result(fn -> repeat(size, start, []) end)
      stopped = Cost.of(fn -> Enum.each(servers, stop) end)
      {Cost.add(starts, started), Cost.add(stops, stopped)}
    end)
  end

  defp repeat(0, _function, results), do: results
  defp repeat(left, function, results), do: repeat(left - 1, function, [function.() | results])

  defp crashes(_names, 0), do: :ok

  defp crashes([{name, _} | names], left) do
    restarts = min(left, @restarts)

    for _ <- 1..restarts do
      GenServer.cast(name, :crash)
      answer(name)
    end

    crashes(names, left - restarts)
  end

  # Calls by name until the new server answers: the old one answers nothing after its failure.
  defp answer(name) do
    1 = GenServer.call(name, {:total, 1})
  catch
    :exit, _ ->
      :erlang.yield()
      answer(name)
  end
end

defmodule Idle do
  def bytes(count) do
    # The first servers also pay for what all share.
    first = start(100, [])
    before = resident()
    servers = start(count, [])
    bytes = resident() - before
    Enum.each([first, servers], fn held -> true = is_list(held) end)
    bytes
  end

  defp start(0, servers), do: servers
  defp start(left, servers), do: start(left - 1, [elem(Adder.start(), 1) | servers])

  defp resident do
    [_, kibibytes] = Regex.run(~r/VmRSS:\s+(\d+) kB/, File.read!("/proc/self/status"))
    String.to_integer(kibibytes) * 1024
  end
end

defmodule Cost do
  def of(work), do: elem(and_result(work), 0)

  def and_result(work) do
    {cpu, _} = :erlang.statistics(:runtime)
    wall = :erlang.monotonic_time(:nanosecond)
    result = work.()
    wall = :erlang.monotonic_time(:nanosecond) - wall
    {later, _} = :erlang.statistics(:runtime)
    # The runtime counts in milliseconds.
    {{wall, (later - cpu) * 1_000_000}, result}
  end

  def add({wall, cpu}, {more_wall, more_cpu}), do: {wall + more_wall, cpu + more_cpu}
end

defmodule Commands do
  def loop do
    case IO.gets("") do
      line when is_binary(line) ->
        {workload, operations} = parse(String.trim(line))
        # The input is read on meanwhile: when it ends, so does the program, whatever it is doing.
        spawn(fn -> watch(fn -> IO.puts(run(workload, operations)) end) end)
        loop()

      _ ->
        System.halt(0)
    end
  end

  # Each command in a process of its own, so that none finds the heap of the one before.
  defp watch(work) do
    {pid, monitor} = spawn_monitor(work)

    receive do
      {:DOWN, ^monitor, :process, ^pid, :normal} ->
        :ok

      {:DOWN, ^monitor, :process, ^pid, reason} ->
        IO.puts(:stderr, "the workload failed: #{inspect(reason)}")
        System.halt(1)
    end
  end

  defp parse(line) do
    [operations | workload] = line |> String.split(" ") |> Enum.reverse()
    {workload |> Enum.reverse() |> Enum.join(" "), String.to_integer(operations)}
  end

  defp run("idle", count), do: Integer.to_string(Idle.bytes(count))

  defp run(workload, operations) do
    {wall, cpu} = cost(workload, operations)
    "#{wall} #{cpu}"
  end

  defp cost("call", operations), do: Messages.call(operations)
  defp cost("64 callers", operations), do: Messages.callers(operations)
  defp cost("cast", operations), do: Messages.cast(operations)
  defp cost("four casters", operations), do: Messages.cast_four(operations)
  defp cost("ring hop", operations), do: Tokens.ring(operations)
  defp cost("pairs", operations), do: Tokens.pairs(operations)
  defp cost("lookup+cast", operations), do: Names.lookup(operations)
  defp cost("start", operations), do: Life.start(operations)
  defp cost("stop", operations), do: Life.stop(operations)
  defp cost("restart", operations), do: Life.restart(operations)
  defp cost("dynamic start", operations), do: Life.dynamic_start(operations)
  defp cost("dynamic terminate, 100", operations), do: Life.dynamic_terminate(operations, 100)
  defp cost("dynamic terminate, 1,000", operations), do: Life.dynamic_terminate(operations, 1_000)
  defp cost("dynamic terminate, 10,000", operations), do: Life.dynamic_terminate(operations, 10_000)
end

# Crashes are part of a workload, and are not reported.
:logger.set_primary_config(:level, :none)
Commands.loop()
