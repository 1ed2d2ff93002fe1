# Plays histories on the BEAM, one step at a time, and tells what happens.
#
# It writes a line `ready WHICH` first. It reads a history from standard input, one command a line, up to the line `play`;
# it writes a line `> COMMAND` for each step and the events after it, and a line `.` at the end. Then it waits for the
# next history. What the commands and the lines mean is written in src/command.rs and src/trace.rs; the same histories are
# played there on otp-core.
#
# It runs on OTP 25 and later. Where versions differ, otp-core does as the newest one, and what an older one does
# otherwise is put right here.

defmodule Words do
  # Reasons have the same names on both sides.

  def reason(:normal), do: "normal"
  def reason({:shutdown, {:failed_to_start_child, id, why}}), do: "failed(#{id},#{reason(why)})"
  def reason({:shutdown, word}) when is_binary(word), do: "shutdown:#{word}"
  # What is wrong with a specification has many forms here, and is an error of one type there.
  def reason({:start_spec, _}), do: "spec"
  def reason({:supervisor_data, _}), do: "spec"
  def reason({:bad_combination, _}), do: "spec"
  # An exception with its stack; a panic there.
  def reason({%{__exception__: true}, stack}) when is_list(stack), do: "panic"
  def reason(atom) when is_atom(atom), do: Atom.to_string(atom)
  def reason(other), do: inspect(other)

  def to_reason("shutdown:" <> word), do: {:shutdown, word}
  def to_reason(word), do: String.to_atom(word)

  def pid(:undefined), do: "undefined"
  def pid(:restarting), do: "restarting"
  def pid(pid), do: World.label(pid)

  def list(words), do: words |> Enum.sort() |> Enum.join(",")
end

defmodule World do
  # Knows every process of the history, watches all of them, and collects what they say. Everything passes through its
  # mailbox, so that the lines stand in the order in which things happened.

  def begin do
    director = self()

    pid =
      spawn(fn ->
        Process.register(self(), :world)
        :ets.new(:world, [:named_table, :public])
        send(director, :world_begins)
        loop(%{lines: [], total: 0, alive: []})
      end)

    receive do
      :world_begins -> pid
    end
  end

  # Which OTP this is: where versions differ, the newest one is what otp-core follows.
  def otp, do: List.to_integer(:erlang.system_info(:otp_release))

  # For a new process to introduce itself; `parent` is who started it.
  def enter(name, kind, parent), do: ask({:enter, name, kind, parent})
  def say(line), do: send(:world, {:say, line})
  def take, do: ask(:take)
  # How many lines there have been, and who lives.
  def now, do: ask(:now)

  # Who started this process: an ancestor with a name is known by that.
  def parent do
    case Process.get(:"$ancestors") do
      [pid | _] when is_pid(pid) -> pid
      [name | _] -> Process.whereis(name)
    end
  end

  def label(pid) do
    case :ets.lookup(:world, {:label, pid}) do
      [{_, label, _}] -> label
      [] -> "?"
    end
  end

  def me, do: label(self())
  def known?(pid), do: :ets.member(:world, {:label, pid})

  def kind(pid) do
    [{_, _, kind}] = :ets.lookup(:world, {:label, pid})
    kind
  end

  # The newest process of this name, dead or alive.
  def find(name), do: get({:newest, name}, {nil, 0}) |> elem(0)

  def get(key, default \\ nil) do
    case :ets.lookup(:world, key) do
      [{_, value}] -> value
      [] -> default
    end
  end

  def put(key, value), do: :ets.insert(:world, {key, value})

  defp ask(question) do
    ref = make_ref()
    send(:world, {question, self(), ref})

    receive do
      {^ref, answer} -> answer
    end
  end

  defp loop(state) do
    receive do
      {:say, line} ->
        loop(add(state, line))

      {{:enter, name, kind, parent}, from, ref} ->
        {_, n} = get({:newest, name}, {nil, 0})
        label = "#{name}##{n + 1}"
        put({:newest, name}, {from, n + 1})
        :ets.insert(:world, {{:label, from}, label, kind})
        Process.monitor(from)
        parent = if parent, do: label(parent), else: "-"
        send(from, {ref, label})
        loop(%{add(state, "start #{label} #{parent} #{kind}") | alive: [from | state.alive]})

      {:DOWN, _, :process, pid, reason} ->
        state = add(state, "dead #{label(pid)} #{Words.reason(reason)}")
        loop(%{state | alive: List.delete(state.alive, pid)})

      {:take, from, ref} ->
        send(from, {ref, Enum.reverse(state.lines)})
        loop(%{state | lines: []})

      {:now, from, ref} ->
        send(from, {ref, {state.total, state.alive}})
        loop(state)

      {:stop, from, ref} ->
        send(from, {ref, :ok})
    end
  end

  def stop(pid) do
    monitor = Process.monitor(pid)
    ask(:stop)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    end
  end

  defp add(state, line), do: %{state | lines: [line | state.lines], total: state.total + 1}
end

defmodule Actor do
  # What processes of both kinds do when they are told to, and what they say of what they receive.

  def reply(words), do: World.say("reply #{World.me()} #{words}")

  def order({:trap, on}), do: reply("#{Process.flag(:trap_exit, on)}")
  def order({:unlink, pid}), do: Process.unlink(pid)

  # A link to a process that does not exist: documented is an exit signal `noproc`. That a caller which does not trap
  # exits gets an exception of the same name in its place is a remnant, and cheap checks only have it.
  def order({:link, pid}) do
    Process.link(pid)
  rescue
    _ -> Process.exit(self(), :noproc)
  end

  def order({:monitor, what, label}), do: keep(Process.monitor(what), label)

  def order({:demonitor, label}) do
    case Process.get({:monitor, label}) do
      nil -> reply("false")
      ref -> reply("#{Process.demonitor(ref, [:info])}")
    end
  end

  def order({:exit, pid, reason}), do: Process.exit(pid, reason)

  def order({:send, pid, word}) when is_pid(pid), do: send(pid, {:word, self(), word})

  def order({:send, name, word}) do
    send(name, {:word, self(), word})
    reply("ok")
  rescue
    ArgumentError -> reply("badarg")
  end

  def order({:volley, pid, items}) do
    for item <- items do
      case item do
        "!" <> reason -> Process.exit(pid, Words.to_reason(reason))
        word -> send(pid, {:word, self(), word})
      end
    end
  end

  def order({:spawn_link, name}) do
    parent = self()
    spawn_link(fn -> Puppet.begin(name, parent) end)
  end

  def order({:spawn_monitor, name, label}) do
    parent = self()
    {_, ref} = spawn_monitor(fn -> Puppet.begin(name, parent) end)
    keep(ref, label)
  end

  def order({:start, name}) do
    case Visor.start_link(name) do
      {:ok, pid} ->
        reply("ok #{World.label(pid)}")

      {:error, reason} ->
        reply("error #{Words.reason(reason)}")
    end
  end

  def order(:crash), do: raise("crash")

  def order({:end, reason}) do
    Process.put(:ends, true)
    {:end, reason}
  end

  def order({:ping, from, ref}), do: send(from, {ref, :pong})

  def heard({:EXIT, from, reason}),
    do: World.say("exit #{World.me()} #{World.label(from)} #{Words.reason(reason)}")

  def heard({:DOWN, ref, :process, what, reason}) do
    {label, _} = Process.get(ref)
    what = if is_pid(what), do: World.label(what), else: "@#{elem(what, 0)}"
    World.say("down #{World.me()} #{label} #{what} #{Words.reason(reason)}")
  end

  def heard({:word, from, word}), do: World.say("word #{World.me()} #{World.label(from)} #{word}")

  defp keep(ref, label) do
    Process.put({:monitor, label}, ref)
    Process.put(ref, {label, ref})
  end
end

defmodule Puppet do
  # A process without a behaviour.

  def begin(name, parent) do
    World.enter(name, :puppet, parent)
    loop()
  end

  defp loop do
    receive do
      {:order, order} ->
        case Actor.order(order) do
          {:end, reason} -> exit(reason)
          _ -> loop()
        end

      message ->
        Actor.heard(message)
        loop()
    end
  end
end

defmodule Child do
  # A child of a supervisor.
  use GenServer

  def start_link(name, temper), do: GenServer.start_link(__MODULE__, {name, temper})

  def init({name, temper}) do
    parent = World.parent()

    case Mood.next(name) do
      "ok" ->
        Process.flag(:trap_exit, temper != "plain")
        World.enter(name, :child, parent)
        {:ok, temper}

      mood ->
        World.say("refuse #{name} #{World.label(parent)} #{mood}")

        case mood do
          "fails" -> {:stop, :bad}
          "ends" -> {:stop, :normal}
          "panics" -> raise "no"
          "ignores" -> :ignore
        end
    end
  end

  def handle_info({:order, order}, temper) do
    case Actor.order(order) do
      {:end, reason} -> {:stop, reason, temper}
      _ -> {:noreply, temper}
    end
  end

  def handle_info(message, temper) do
    Actor.heard(message)
    {:noreply, temper}
  end

  def terminate(reason, temper) do
    World.say("terminate #{World.me()} #{Words.reason(reason)}")

    # Only when it is told to by its supervisor, who has a limit.
    if temper == "stubborn" and reason == :shutdown and not Process.get(:ends, false),
      do: Process.sleep(:infinity)
  end
end

defmodule Mood do
  # How a child will answer its next starts.

  def set(name, mood, times), do: World.put({:mood, name}, {mood, times})

  def next(name) do
    case World.get({:mood, name}, {"ok", 0}) do
      {_, 0} ->
        "ok"

      {mood, times} ->
        World.put({:mood, name}, {mood, times - 1})
        mood
    end
  end
end

defmodule Visor do
  # A supervisor, as it was defined.

  def start_link(name) do
    started =
      case World.get({:define, name}) do
        {:dynamic, _, _} -> DynamicSupervisor.start_link(Dynamic, name)
        _ -> :supervisor.start_link(__MODULE__, name)
      end

    with {:error, _} <- started do
      await_end(World.find(name))
      started
    end
  end

  # From OTP 26 on, a start function returns an error only after the process that did not start has ended, and takes its
  # EXIT out of the mailbox of a starter that traps exits. otp-core does so, too. An older OTP is brought to it here.
  defp await_end(failed) do
    ref = Process.monitor(failed)

    receive do
      {:DOWN, ^ref, _, _, _} -> :ok
    end

    if World.otp() < 26 and Process.info(self(), :trap_exit) == {:trap_exit, true} do
      receive do
        {:EXIT, ^failed, _} -> :ok
      end
    end
  end

  def init(name) do
    World.enter(name, :visor, World.parent())

    {strategy, intensity, auto_shutdown, children} =
      World.get({:define, name}, {"one_for_one", "0", "never", []})

    flags = %{
      strategy: String.to_atom(strategy),
      intensity: String.to_integer(intensity),
      # No restart is ever forgotten.
      period: 1_000_000,
      auto_shutdown: String.to_atom(auto_shutdown)
    }

    {:ok, {flags, Enum.map(children, &spec/1)}}
  end

  def spec(text) do
    [id, restart, temper, shutdown | more] = String.split(text, "/")

    {type, start} =
      case temper do
        "sup" -> {:supervisor, {Visor, :start_link, [id]}}
        _ -> {:worker, {Child, :start_link, [id, temper]}}
      end

    shutdown =
      case shutdown do
        "brutal" -> :brutal_kill
        "infinity" -> :infinity
        number -> String.to_integer(number)
      end

    %{
      id: id,
      start: start,
      restart: String.to_atom(restart),
      shutdown: shutdown,
      type: type,
      significant: more == ["significant"]
    }
  end

  def which(children) do
    Enum.map_join(children, ",", fn {id, pid, type, _} -> "#{id}:#{Words.pid(pid)}:#{type}" end)
  end

  def count(counts) do
    Enum.map_join([:specs, :active, :supervisors, :workers], " ", &"#{&1}=#{counts[&1]}")
  end
end

defmodule Dynamic do
  # A dynamic supervisor, as it was defined.

  def init(name) do
    World.enter(name, :dynamic, World.parent())
    {:dynamic, intensity, max_children} = World.get({:define, name})

    DynamicSupervisor.init(
      strategy: :one_for_one,
      max_restarts: intensity,
      max_seconds: 1_000_000,
      max_children: max_children
    )
  end

  # No order is promised.
  def which(children) do
    children |> Enum.map(&Visor.which([&1])) |> Words.list()
  end
end

defmodule Reports do
  # Which reports the supervisors make; what stands in them is compared elsewhere. It runs in the supervisor.

  def log(%{msg: {:report, %{label: {who, context}, report: report}}}, _)
      when who in [:supervisor, DynamicSupervisor] do
    if Process.whereis(:world) do
      %{id: id, pid: pid} = Map.new(report[:offender])
      World.say("report #{World.me()} #{context} #{id} #{offender(pid)}")
    end
  end

  def log(_, _), do: :ok

  # A child that is about to be started again is named by the process that it was.
  defp offender({:restarting, pid}), do: offender(pid)
  defp offender(:undefined), do: "undefined"
  defp offender(pid), do: World.label(pid)
end

defmodule Director do
  def run do
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    # Elixir 1.15 and later drop the reports of supervisors by a primary filter, before any handler.
    for {filter, _} <- :logger.get_primary_config().filters,
        do: :logger.remove_primary_filter(filter)

    :logger.add_handler(:reports, Reports, %{})
    :logger.set_primary_config(:level, :error)
    IO.write("ready OTP #{World.otp()}, Elixir #{System.version()}\n")
    read([])
  end

  defp read(lines) do
    case IO.read(:stdio, :line) do
      "play\n" ->
        IO.write([play(Enum.reverse(lines)), ".\n"])
        read([])

      line when is_binary(line) ->
        read([String.trim(line) | lines])

      :eof ->
        :ok
    end
  end

  defp play(commands) do
    world = World.begin()

    {lines, _} =
      Enum.map_reduce(commands, %{}, fn command, before ->
        perform(String.split(command))
        settle(nil)
        now = look()
        changed = for {who, how} <- now, before[who] != how, do: "look #{who} #{how}"
        lines = ["> " <> command] ++ World.take() ++ Enum.sort(changed)
        {Enum.map(lines, &[&1, "\n"]), now}
      end)

    clear()
    World.stop(world)
    lines
  end

  # Waits until nothing moves any more. Everybody is asked a question: a supervisor answers when it has done what it was
  # about to do, even if that takes a time limit of a shutdown, and a process when it has handled all that was sent
  # before. If all answer, twice, and nothing has been said and nobody born in between, that is it.
  defp settle(before) do
    {_, alive} = World.now()
    answers = Enum.map(alive, &answer(&1, World.kind(&1)))
    {total, _} = World.now()
    :erlang.yield()
    {again, _} = World.now()
    at_rest = Enum.all?(answers, &(&1 == :at_rest))
    if not at_rest or total != again or total != before, do: settle(again)
  end

  defp answer(pid, kind) when kind in [:visor, :dynamic] do
    # Both kinds understand this.
    children = :supervisor.which_children(pid)
    if Enum.any?(children, &(elem(&1, 1) == :restarting)), do: :restarting, else: :at_rest
  catch
    :exit, _ -> :gone
  end

  defp answer(pid, _) do
    ref = Process.monitor(pid)
    send(pid, {:order, {:ping, self(), ref}})

    receive do
      {^ref, :pong} ->
        Process.demonitor(ref, [:flush])
        :at_rest

      {:DOWN, ^ref, _, _, _} ->
        :gone
    end
  end

  # What can be seen of the processes that live.
  defp look do
    {_, alive} = World.now()
    Map.new(alive, fn pid -> {World.label(pid), look(pid, World.kind(pid))} end)
  end

  defp look(pid, kind) do
    info = Process.info(pid, [:trap_exit, :links, :monitors, :monitored_by, :registered_name])
    labels = fn pids -> pids |> Enum.filter(&World.known?/1) |> Enum.map(&World.label/1) end
    name = with [] <- info[:registered_name], do: "-"

    seen =
      "traps=#{info[:trap_exit]} name=#{name} links=#{Words.list(labels.(info[:links]))} " <>
        "monitors=#{length(info[:monitors])} watched=#{Words.list(labels.(info[:monitored_by]))}"

    case kind do
      :visor ->
        which = Visor.which(:supervisor.which_children(pid))
        "#{seen} children=#{which} #{Visor.count(:supervisor.count_children(pid))}"

      :dynamic ->
        which = Dynamic.which(DynamicSupervisor.which_children(pid))
        "#{seen} children=#{which} #{Visor.count(DynamicSupervisor.count_children(pid))}"

      _ ->
        seen
    end
  end

  # Ends everybody, supervisors first, so that nobody is restarted for long.
  defp clear do
    {_, alive} = World.now()
    {visors, others} = Enum.split_with(alive, &(World.kind(&1) in [:visor, :dynamic]))
    for pid <- visors ++ others, do: Process.exit(pid, :kill)
    :erlang.yield()
    if alive != [], do: clear()
  end

  defp reply(words), do: World.say("reply - #{words}")

  defp perform(["spawn", name]) do
    case World.find(name) do
      pid when is_pid(pid) ->
        if Process.alive?(pid), do: reply("alive"), else: spawn_puppet(name)

      nil ->
        spawn_puppet(name)
    end
  end

  defp perform(["spawn_link", by, name]), do: give_birth(by, name, {:spawn_link, name})

  defp perform(["spawn_monitor", by, name, label]),
    do: give_birth(by, name, {:spawn_monitor, name, label})

  defp perform(["trap", by, on]), do: order(by, {:trap, on == "on"})
  defp perform(["link", by, to]), do: order(by, to, &{:link, &1})
  defp perform(["unlink", by, to]), do: order(by, to, &{:unlink, &1})

  defp perform(["monitor", by, "@" <> name, label]),
    do: order(by, {:monitor, String.to_atom(name), label})

  defp perform(["monitor", by, to, label]), do: order(by, to, &{:monitor, &1, label})
  defp perform(["demonitor", by, label]), do: order(by, {:demonitor, label})

  defp perform(["exit", by, to, reason]),
    do: order(by, to, &{:exit, &1, Words.to_reason(reason)})

  defp perform(["end", by, reason]), do: order(by, {:end, Words.to_reason(reason)})
  defp perform(["crash", by]), do: order(by, :crash)

  defp perform(["send", by, "@" <> name, word]),
    do: order(by, {:send, String.to_atom(name), word})

  defp perform(["send", by, to, word]), do: order(by, to, &{:send, &1, word})
  defp perform(["volley", by, to | items]), do: order(by, to, &{:volley, &1, items})

  defp perform(["register", name, who]) do
    with_pid(who, fn pid ->
      try do
        Process.register(pid, String.to_atom(name))
        reply("ok")
      rescue
        ArgumentError -> reply("badarg")
      end
    end)
  end

  defp perform(["unregister", name]) do
    Process.unregister(String.to_atom(name))
    reply("ok")
  rescue
    ArgumentError -> reply("badarg")
  end

  defp perform(["whereis", name]) do
    case Process.whereis(String.to_atom(name)) do
      nil -> reply("undefined")
      pid -> reply(World.label(pid))
    end
  end

  defp perform(["define", name, strategy, intensity, auto_shutdown | children]) do
    World.put({:define, name}, {strategy, intensity, auto_shutdown, children})
  end

  defp perform(["define_dynamic", name, intensity, max_children]) do
    plan = {:dynamic, String.to_integer(intensity), String.to_integer(max_children)}
    World.put({:define, name}, plan)
  end

  defp perform(["mood", name, mood, times]), do: Mood.set(name, mood, String.to_integer(times))
  defp perform(["start", by, name]), do: order(by, {:start, name})

  defp perform([request, visor | more]) do
    with_pid(visor, fn pid ->
      answer =
        try do
          request(World.kind(pid), pid, [request | more])
        catch
          :exit, {:noproc, _} -> {:words, "noproc"}
          :exit, :noproc -> {:words, "noproc"}
          :exit, {reason, {_, _, _}} -> {:words, "exited #{Words.reason(reason)}"}
          :exit, reason -> {:words, "exited #{Words.reason(reason)}"}
        end

      reply(words(answer))
    end)
  end

  defp request(kind, pid, ["stop", reason]) when kind in [:visor, :dynamic],
    do: :gen_server.stop(pid, Words.to_reason(reason), :infinity)

  defp request(:visor, pid, ["start_child", spec]),
    do: :supervisor.start_child(pid, Visor.spec(spec))

  defp request(:visor, pid, ["terminate_child", id]), do: :supervisor.terminate_child(pid, id)
  defp request(:visor, pid, ["restart_child", id]), do: :supervisor.restart_child(pid, id)
  defp request(:visor, pid, ["delete_child", id]), do: :supervisor.delete_child(pid, id)

  defp request(:visor, pid, ["which_children"]),
    do: {:words, Visor.which(:supervisor.which_children(pid))}

  defp request(:visor, pid, ["count_children"]),
    do: {:words, Visor.count(:supervisor.count_children(pid))}

  # Later versions of Elixir refuse significant children here.
  defp request(:dynamic, pid, ["start_child", spec]) do
    case Visor.spec(spec) do
      %{significant: true} ->
        if Process.alive?(pid), do: {:words, "error spec"}, else: {:words, "noproc"}

      spec ->
        DynamicSupervisor.start_child(pid, spec)
    end
  end

  # The director is nobody's child.
  defp request(:dynamic, pid, ["terminate_child", name]),
    do: DynamicSupervisor.terminate_child(pid, World.find(name) || self())

  defp request(:dynamic, pid, ["which_children"]),
    do: {:words, Dynamic.which(DynamicSupervisor.which_children(pid))}

  defp request(:dynamic, pid, ["count_children"]),
    do: {:words, Visor.count(DynamicSupervisor.count_children(pid))}

  defp request(_, _, _), do: {:words, "no supervisor"}

  defp spawn_puppet(name), do: spawn(fn -> Puppet.begin(name, nil) end)

  defp give_birth(by, name, order) do
    case World.find(name) do
      nil -> order(by, order)
      pid -> if Process.alive?(pid), do: reply("alive"), else: order(by, order)
    end
  end

  # Has a process do something, if it lives and is one that can be told to.
  defp order(by, order) do
    with_pid(by, fn pid ->
      cond do
        World.kind(pid) in [:visor, :dynamic] -> reply("deaf")
        Process.alive?(pid) -> send(pid, {:order, order})
        true -> reply("dead")
      end
    end)
  end

  defp order(by, to, order), do: with_pid(to, fn pid -> order(by, order.(pid)) end)

  defp with_pid(name, then) do
    case World.find(name) do
      nil -> reply("nobody")
      pid -> then.(pid)
    end
  end

  defp words({:words, words}), do: words
  defp words(:ok), do: "ok"
  defp words(:ignore), do: "ok undefined"
  defp words({:ok, pid}), do: "ok #{Words.pid(pid)}"
  defp words({:error, {:already_started, pid}}), do: "already_started #{World.label(pid)}"
  # The reason of a start that failed, with the whole child.
  defp words({:error, {reason, child}}) when elem(child, 0) == :child,
    do: "error #{Words.reason(reason)}"

  defp words({:error, reason}), do: "error #{Words.reason(reason)}"
end

Director.run()
