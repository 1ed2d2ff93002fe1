# The workloads on the BEAM, as src/workload has them for the libraries.
#
# It reads commands from standard input, a line each: the name of a workload and a number of operations. For each it
# writes a line: the nanoseconds on the wall and the nanoseconds of the processors, or for `idle` and `used` the resident
# bytes of all servers together. It ends with the input.

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
  def handle_cast({:large, numbers}, total), do: {:noreply, total + elem(numbers, 0)}
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

  def watched(operations) do
    :erlang.system_monitor(self(), [{:long_schedule, 100}])
    cost = call(operations)
    :erlang.system_monitor(:undefined)
    cost
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

defmodule Large do
  # As large as 1 KiB: a tuple of 128 words, which is copied.
  @words 128
  @flood 500

  def casts(operations) do
    {:ok, server} = Adder.start()
    Cost.of(fn -> floods(server, div(operations, @flood)) end)
  end

  defp floods(_server, 0), do: :ok

  defp floods(server, left) do
    for n <- 1..@flood, do: GenServer.cast(server, {:large, :erlang.make_tuple(@words, n)})
    GenServer.call(server, {:total, 0})
    floods(server, left - 1)
  end
end

defmodule Worker do
  use GenServer

  def start(micros), do: elem(GenServer.start(__MODULE__, micros), 1)

  @impl true
  def init(micros), do: {:ok, micros}

  @impl true
  def handle_call(:ask, _from, micros) do
    work(micros)
    {:reply, :ok, micros}
  end

  @impl true
  def handle_cast(:work, micros) do
    work(micros)
    {:noreply, micros}
  end

  defp work(0), do: :ok
  defp work(micros), do: until(:erlang.monotonic_time(:nanosecond) + micros * 1_000)

  defp until(time) do
    if :erlang.monotonic_time(:nanosecond) < time, do: until(time), else: :ok
  end
end

defmodule Tails do
  @callers 32
  @servers 4
  @flood 1_000

  def load(operations, micros, permille) do
    servers = for _ <- 1..@servers, do: Worker.start(micros)
    me = self()

    {cost, times} =
      Cost.and_result(fn ->
        callers =
          for n <- 1..@callers do
            server = Enum.at(servers, rem(n, @servers))
            ask = fn -> GenServer.call(server, :ask) end
            spawn_link(fn -> send(me, {self(), times(ask, div(operations, @callers), [])}) end)
          end

        Enum.flat_map(callers, fn caller -> receive(do: ({^caller, times} -> times)) end)
      end)

    Enum.each(servers, &GenServer.stop/1)
    at(times, permille, cost)
  end

  def quiet(operations, permille) do
    flooded = Worker.start(1)
    flood = spawn_link(fn -> flood(flooded) end)
    {:ok, server} = Adder.start()
    ask = fn -> GenServer.call(server, {:total, 1}) end
    {cost, times} = Cost.and_result(fn -> times(ask, operations, []) end)
    Process.unlink(flood)
    Process.exit(flood, :kill)
    Process.exit(flooded, :kill)
    at(times, permille, cost)
  end

  defp flood(server) do
    for _ <- 1..@flood, do: GenServer.cast(server, :work)
    GenServer.call(server, :ask)
    flood(server)
  end

  defp times(_ask, 0, times), do: times

  defp times(ask, left, times) do
    begun = :erlang.monotonic_time(:nanosecond)
    ask.()
    times(ask, left - 1, [:erlang.monotonic_time(:nanosecond) - begun | times])
  end

  # As if each took as long as the one at this place.
  defp at(times, permille, {_, cpu}) do
    count = length(times)
    place = min(div(count * permille, 1_000), count - 1)
    {Enum.at(Enum.sort(times), place) * count, cpu}
  end
end

defmodule Spawns do
  def task(operations), do: Cost.of(fn -> repeat(operations, &one_task/0) end)
  def process(operations), do: Cost.of(fn -> repeat(operations, &one_process/0) end)

  defp one_task, do: Task.await(Task.async(fn -> :ok end))

  defp one_process do
    {pid, monitor} = spawn_monitor(fn -> :ok end)
    receive(do: ({:DOWN, ^monitor, :process, ^pid, :normal} -> :ok))
  end

  defp repeat(0, _function), do: :ok

  defp repeat(left, function) do
    function.()
    repeat(left - 1, function)
  end
end

defmodule Topics do
  @subscribers 1_000

  def dispatch(operations) do
    {:ok, registry} = Registry.start_link(keys: :duplicate, name: Topics)
    {me, handled} = {self(), :atomics.new(1, [])}

    subscribers =
      for _ <- 1..@subscribers do
        spawn_link(fn ->
          {:ok, _} = Registry.register(Topics, "news", nil)
          send(me, :subscribed)
          subscriber(me, handled)
        end)
      end

    for _ <- subscribers, do: receive(do: (:subscribed -> :ok))
    cost = Cost.of(fn -> dispatches(div(operations, @subscribers)) end)

    # The name is free for the next time.
    Enum.each(subscribers, &Process.unlink/1)
    Enum.each(subscribers, &Process.exit(&1, :kill))
    Supervisor.stop(registry)
    cost
  end

  defp dispatches(0), do: :ok

  defp dispatches(left) do
    Registry.dispatch(Topics, "news", fn entries ->
      for {pid, _} <- entries, do: send(pid, {:news, left})
    end)

    receive(do: (:all -> :ok))
    dispatches(left - 1)
  end

  defp subscriber(teller, handled) do
    receive do
      {:news, _} ->
        if rem(:atomics.add_get(handled, 1, 1), @subscribers) == 0, do: send(teller, :all)
        subscriber(teller, handled)
    end
  end
end

defmodule Tables do
  @keys 10_000
  @users 2

  def lookup(operations), do: uses(operations, &:ets.lookup(&1, &2))
  def insert(operations), do: uses(operations, &:ets.insert(&1, {&2, &2}))
  def count(operations), do: uses(operations, &:ets.update_counter(&1, &2, 1))

  defp uses(operations, one) do
    table = :ets.new(:numbers, [:public, read_concurrency: true, write_concurrency: true])
    :ets.insert(table, for(key <- 0..(@keys - 1), do: {key, key}))

    Cost.of(fn ->
      users =
        for user <- 0..(@users - 1) do
          spawn_monitor(fn -> use(table, one, user, div(operations, @users)) end)
        end

      for {pid, monitor} <- users do
        receive(do: ({:DOWN, ^monitor, :process, ^pid, :normal} -> :ok))
      end
    end)
  end

  defp use(_table, _one, _n, 0), do: :ok

  defp use(table, one, n, left) do
    one.(table, rem(n * 7_919, @keys))
    use(table, one, n + 1, left - 1)
  end
end

defmodule Timers do
  @delay 100

  def due(operations) do
    Cost.of(fn ->
      set(operations)
      fired(operations)
    end)
  end

  defp set(0), do: :ok

  defp set(left) do
    Process.send_after(self(), :fired, @delay)
    set(left - 1)
  end

  defp fired(0), do: :ok
  defp fired(left), do: receive(do: (:fired -> fired(left - 1)))
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
  def bytes(count, prepare) do
    # The first servers also pay for what all share.
    first = start(100, prepare, [])
    before = resident()
    servers = start(count, prepare, [])
    bytes = resident() - before
    Enum.each([first, servers], fn held -> true = is_list(held) end)
    bytes
  end

  def leave(_server), do: :ok

  def use(server) do
    GenServer.cast(server, {:add, 1})
    GenServer.call(server, {:total, 1})
  end

  defp start(0, _prepare, servers), do: servers

  defp start(left, prepare, servers) do
    {:ok, server} = Adder.start()
    prepare.(server)
    start(left - 1, prepare, [server | servers])
  end

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

  defp run("idle", count), do: Integer.to_string(Idle.bytes(count, &Idle.leave/1))
  defp run("used", count), do: Integer.to_string(Idle.bytes(count, &Idle.use/1))

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
  defp cost("call, watched", operations), do: Messages.watched(operations)
  defp cost("cast of 1 KiB", operations), do: Large.casts(operations)
  defp cost("32 callers, 0 us, p50", operations), do: Tails.load(operations, 0, 500)
  defp cost("32 callers, 0 us, p99", operations), do: Tails.load(operations, 0, 990)
  defp cost("32 callers, 0 us, p99.9", operations), do: Tails.load(operations, 0, 999)
  defp cost("32 callers, 1 us, p50", operations), do: Tails.load(operations, 1, 500)
  defp cost("32 callers, 1 us, p99", operations), do: Tails.load(operations, 1, 990)
  defp cost("32 callers, 1 us, p99.9", operations), do: Tails.load(operations, 1, 999)
  defp cost("32 callers, 10 us, p50", operations), do: Tails.load(operations, 10, 500)
  defp cost("32 callers, 10 us, p99", operations), do: Tails.load(operations, 10, 990)
  defp cost("32 callers, 10 us, p99.9", operations), do: Tails.load(operations, 10, 999)
  defp cost("beside a flood, p50", operations), do: Tails.quiet(operations, 500)
  defp cost("beside a flood, p99", operations), do: Tails.quiet(operations, 990)
  defp cost("beside a flood, p99.9", operations), do: Tails.quiet(operations, 999)
  defp cost("task", operations), do: Spawns.task(operations)
  defp cost("process", operations), do: Spawns.process(operations)
  defp cost("dispatch to 1,000", operations), do: Topics.dispatch(operations)
  defp cost("table lookup", operations), do: Tables.lookup(operations)
  defp cost("table insert", operations), do: Tables.insert(operations)
  defp cost("table update_counter", operations), do: Tables.count(operations)
  defp cost("timer, 1,000,000 due", operations), do: Timers.due(operations)
end

# Crashes are part of a workload, and are not reported.
:logger.set_primary_config(:level, :none)
Commands.loop()
