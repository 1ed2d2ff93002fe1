# Plays histories of one gen_event, one step at a time, and tells what happens. What the steps mean is written in
# src/events.rs, where the same histories are played on otp-core.
#
# It runs on OTP 25 and later.

Code.require_file("teller.exs", __DIR__)

defmodule Handler do
  @behaviour :gen_event

  def id(name), do: {__MODULE__, String.to_atom(name)}

  # For a swap it comes with what the former handler's terminate has returned.
  def init({{name, book}, :error}), do: init(name, book, "alone")
  def init({{name, book}, _}) when is_map(book), do: init(name, book, "swapped")
  def init({name, book}), do: init(name, book, "added")

  defp init(name, book, how) do
    Teller.say("#{name} init #{how}")

    case actions(book, name, "init") do
      ["refuse"] -> {:error, :refused}
      ["crash"] -> raise "crash"
      ["exit", reason] -> exit(String.to_atom(reason))
      _ -> {:ok, %{name: name, book: book, count: 0}}
    end
  end

  def handle_event(event, state), do: act("event", event, state)

  def handle_info({:EXIT, _, reason}, state) do
    Teller.say("#{state.name} exit #{Words.reason(reason)}")
    {:ok, state}
  end

  def handle_info(event, state), do: act("info", event, state)

  def handle_call(event, state) do
    reply = "#{state.name} #{state.count}"

    case act("call", event, state) do
      {:ok, state} -> {:ok, reply, state}
      {:ok, state, :hibernate} -> {:ok, reply, state, :hibernate}
      :remove_handler -> {:remove_handler, reply}
      {:swap_handler, why, state, id, args} -> {:swap_handler, reply, why, state, id, args}
    end
  end

  defp act(kind, event, state) do
    Teller.say("#{state.name} #{kind} #{event}")
    next = %{state | count: state.count + 1}

    case actions(state.book, state.name, event) do
      ["crash"] -> raise "crash"
      ["exit", reason] -> exit(String.to_atom(reason))
      ["remove"] -> :remove_handler
      ["hibernate"] -> {:ok, next, :hibernate}
      ["swap", name] -> {:swap_handler, :swapped, next, id(name), {name, state.book}}
      _ -> {:ok, next}
    end
  end

  # After a failure the state is that of before, and on otp-core as it was left: it is not compared.
  def terminate(why, state) do
    {count, why} =
      case why do
        :remove_handler -> {"-", "removed"}
        {:error, reason} -> {"-", "failed #{Words.reason(reason)}"}
        {:stop, reason} -> {state.count, "owner #{Words.reason(reason)}"}
        :stop -> {state.count, "stopped"}
        other -> {state.count, other}
      end

    Teller.say("#{state.name} #{count} terminate #{why}")
    if actions(state.book, state.name, "end") == ["crash"], do: raise("crash")
  end

  defp actions(book, name, event), do: String.split(Map.get(book, {name, event}, "keep"))
end

defmodule Reports do
  # Told in the manager, when it has let go of a handler that has failed.
  def log(%{msg: {:report, %{label: {:gen_event, :terminate}, handler: {Handler, id}}}}, _),
    do: Teller.say("report #{id}")

  def log(_, _), do: :ok
end

defmodule Owner do
  # A process that supervised handlers belong to. It says what it is told of them.
  def start(name, traps) do
    spawn(fn ->
      Process.flag(:trap_exit, traps)
      loop(name)
    end)
  end

  def run(owner, function) do
    ref = Process.monitor(owner)
    send(owner, {:run, self(), ref, function})

    receive do
      {^ref, result} ->
        Process.demonitor(ref, [:flush])
        result

      {:DOWN, ^ref, _, _, _} ->
        nil
    end
  end

  def finish(owner, "kill"), do: Process.exit(owner, :kill)
  def finish(owner, reason), do: send(owner, {:finish, String.to_atom(reason)})

  defp loop(name) do
    receive do
      {:run, from, ref, function} -> send(from, {ref, function.()})
      {:finish, reason} -> exit(reason)
      {:EXIT, _, reason} -> Teller.say("told #{name} exit #{Words.reason(reason)}")
      {:gen_event_EXIT, {_, id}, why} -> Teller.say("told #{name} #{id} #{why(why)}")
    end

    loop(name)
  end

  # Of a new handler that could not take the place of its owner's former one, OTP says `crash` and no more.
  defp why({:swapped, {_, id}, owner}) when owner == self(), do: "swapped #{id}"
  defp why({:swapped, {_, id}, _}), do: "swapped #{id} for another"
  defp why(reason) when reason in [:normal, :shutdown], do: "#{reason}"
  defp why(_), do: "failed"
end

defmodule Director do
  defstruct book: %{}, manager: nil, parent: nil, monitor: nil, owners: %{}, is_suspended: false

  def play(steps) do
    {lines, state} =
      Enum.map_reduce(steps, %__MODULE__{}, fn step, state ->
        {state, reply} = perform(String.split(step, " "), state)
        settle(state)
        {told, seen} = Enum.split_with(Teller.take(), &String.starts_with?(&1, "told "))
        told = Enum.sort_by(told, &Enum.at(String.split(&1, " "), 1))
        lines = ["> " <> step, "reply " <> reply, "seen " <> Enum.join(seen ++ told ++ ended(state), " | ")]
        {Enum.map(lines, &[&1, "\n"]), state}
      end)

    for pid <- [state.manager, state.parent | Map.values(state.owners)], pid, do: Process.exit(pid, :kill)
    lines
  end

  # It answers when it has handled what it has got, and the owners when they have heard what it has told them.
  defp settle(state) do
    if state.manager, do: attempt(fn -> :sys.get_status(state.manager) end)
    for owner <- Map.values(state.owners), do: Owner.run(owner, fn -> :ok end)
  end

  defp ended(%{manager: nil}), do: []
  defp ended(state), do: Script.ended(state.manager, state.monitor)

  defp perform(["on", name, event, "=" | action], state),
    do: {%{state | book: Map.put_new(state.book, {name, event}, Enum.join(action, " "))}, "ok"}

  defp perform(["begin"], %{manager: nil} = state) do
    {manager, parent, monitor} = Script.start_link(&:gen_event.start_link/0)
    {%{state | manager: manager, parent: parent, monitor: monitor}, "ok"}
  end

  defp perform(["owner", name, traps], %{owners: owners} = state) do
    owners = Map.put_new_lazy(owners, name, fn -> Owner.start(name, traps == "traps") end)
    {%{state | owners: owners}, "ok"}
  end

  defp perform(_, %{manager: nil} = state), do: {state, "skipped"}
  defp perform(["begin"], state), do: {state, "skipped"}

  defp perform(["finish", name, reason], state) do
    case state.owners[name] do
      nil ->
        {state, "skipped"}

      owner ->
        Owner.finish(owner, reason)
        Script.dead(owner)
        Script.unlinked(state.manager, owner)
        {state, "ok"}
    end
  end

  defp perform(["exit", name, reason], state) do
    manager = state.manager
    owner = state.owners[name]
    exit = fn -> Process.exit(manager, String.to_atom(reason)) end
    {state, if(owner && Owner.run(owner, exit), do: "ok", else: "skipped")}
  end

  defp perform(["parent", reason], state) do
    Script.finish(state.parent, state.manager, reason)
    Script.dead(state.manager)
    {state, "ok"}
  end

  defp perform(["kill"], state) do
    Process.exit(state.manager, :kill)
    Script.dead(state.manager)
    for owner <- Map.values(state.owners), do: Script.unlinked(owner, state.manager)
    {state, "ok"}
  end

  defp perform(["stop", reason], state),
    do: {state, attempt(fn -> :gen_event.stop(state.manager, String.to_atom(reason), :infinity) end)}

  defp perform(["suspend"], state),
    do: {%{state | is_suspended: true}, attempt(fn -> :sys.suspend(state.manager) end)}

  defp perform(["resume"], state),
    do: {%{state | is_suspended: false}, attempt(fn -> :sys.resume(state.manager) end)}

  # All of it has come before the manager sees the first.
  defp perform(["send" | items], state) do
    attempt(fn -> :sys.suspend(state.manager) end)

    for item <- items do
      case String.split(item, ":") do
        ["notify", name] -> :gen_event.notify(state.manager, name)
        ["info", name] -> send(state.manager, name)
      end
    end

    if not state.is_suspended, do: attempt(fn -> :sys.resume(state.manager) end)
    {state, "ok"}
  end

  defp perform(["replace", name, count], state) do
    replace = fn
      {Handler, id, it} ->
        if id == String.to_atom(name),
          do: {Handler, id, %{it | count: String.to_integer(count)}},
          else: {Handler, id, it}
    end

    {state, attempt(fn -> :sys.replace_state(state.manager, replace) && :ok end)}
  end

  defp perform(["state"], state) do
    shown = fn -> Enum.map_join(:sys.get_state(state.manager), " ", fn {_, id, it} -> "#{id}=#{it.count}" end) end
    {state, attempt(shown)}
  end

  # These wait for an answer.
  defp perform(_, %{is_suspended: true} = state), do: {state, "skipped"}

  defp perform(["sync", name], state),
    do: {state, attempt(fn -> :gen_event.sync_notify(state.manager, name) end)}

  defp perform(["which"], state),
    do: {state, attempt(fn -> Enum.join(names(state), " ") end)}

  defp perform(["call", name, event], state) do
    call = fn ->
      case :gen_event.call(state.manager, Handler.id(name), event) do
        {:error, :bad_module} -> "none"
        {:error, reason} -> "failed #{Words.reason(reason)}"
        answer -> answer
      end
    end

    {state, attempt(call)}
  end

  defp perform(["delete", name], state) do
    delete = fn ->
      case :gen_event.delete_handler(state.manager, Handler.id(name), :deleted) do
        {:error, :module_not_found} -> "none"
        _ -> "ok"
      end
    end

    {state, attempt(delete)}
  end

  defp perform(["add", name], state) do
    add = fn manager, role -> :gen_event.add_handler(manager, Handler.id(name), role) end
    {state, install(state, name, [], add)}
  end

  defp perform(["add", name, owner], state) do
    add = fn manager, role -> :gen_event.add_sup_handler(manager, Handler.id(name), role) end
    {state, install(state, name, [], owned(state, owner, add))}
  end

  defp perform(["swap", old, name], state) do
    former = {Handler.id(old), :swapped}
    swap = fn manager, role -> :gen_event.swap_handler(manager, former, {Handler.id(name), role}) end
    {state, install(state, name, [old], swap)}
  end

  defp perform(["swap", old, name, owner], state) do
    former = {Handler.id(old), :swapped}
    swap = fn manager, role -> :gen_event.swap_sup_handler(manager, former, {Handler.id(name), role}) end
    {state, install(state, name, [old], owned(state, owner, swap))}
  end

  # Two handlers that may swap themselves for each other have one letter: only one of them is there at a time.
  defp install(state, name, instead_of, function) do
    attempt(fn ->
      others = Enum.map(names(state) -- instead_of, &String.downcase/1)

      case String.downcase(name) in others || function.(state.manager, {name, state.book}) do
        true -> "skipped"
        nil -> "skipped"
        :ok -> "ok"
        reason -> "failed #{Words.reason(reason)}"
      end
    end)
  end

  # By its owner itself. One that was not added leaves a link behind, which otp-core does not follow.
  defp owned(state, name, function) do
    fn manager, role ->
      add = fn ->
        {:links, links} = Process.info(self(), :links)
        result = attempt(fn -> function.(manager, role) end)
        if result != "ok" and manager not in links, do: Process.unlink(manager)
        if result == "ok", do: :ok, else: result
      end

      owner = state.owners[name]
      owner && Owner.run(owner, add)
    end
  end

  defp names(state),
    do: for({Handler, id} <- :gen_event.which_handlers(state.manager), do: "#{id}")

  defp attempt(function) do
    case function.() do
      :ok -> "ok"
      other -> other
    end
  catch
    :exit, _ -> "dead"
  end
end

Script.run(&Director.play/1, Reports)
