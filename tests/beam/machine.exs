# Plays histories of one gen_statem, one step at a time, and tells what happens. What the steps mean is written in
# src/machine.rs, where the same histories are played on otp-core.
#
# It runs on OTP 25 and later.

Code.require_file("teller.exs", __DIR__)

defmodule Player do
  @behaviour :gen_statem

  @never 3_600_000

  def callback_mode, do: [:handle_event_function, :state_enter]

  # The fuel says how many events may still do what the book says; without an end some machines would never rest.
  def init({book, traps}) do
    Process.flag(:trap_exit, traps)
    actions = Map.get(book, {"a", "init"}, [])
    data = %{book: book, fuel: if(actions == [], do: 0, else: 6), count: 0, held: []}
    {:ok, :a, data, timeouts(actions) ++ inserted(actions)}
  end

  def handle_event(:enter, from, state, data) do
    {actions, data} = book(data, state, "enter")
    Teller.say("#{state} enter from #{from}")

    fail(actions)
    data = add(actions, data)
    {answers, data} = answer(actions, data)
    settings = answers ++ timeouts(actions)

    cond do
      "again" in actions -> {:repeat_state, data, settings}
      stop = stop(actions) -> {:stop_and_reply, stop, answers, data}
      true -> {:keep_state, data, settings}
    end
  end

  def handle_event(:info, {:EXIT, _, reason}, state, data),
    do: handle_event(:info, "exit##{Words.reason(reason)}", state, data)

  def handle_event(kind, content, state, data) do
    Teller.say("#{state} #{kind(kind)} #{content}")
    {actions, data} = book(data, state, hd(String.split("#{content}", "#")))
    fail(actions)
    data = add(actions, data)

    {inserted, data} =
      Enum.flat_map_reduce(actions, data, fn action, data ->
        case String.split(action) do
          ["insert_call", name] ->
            calls = for from <- Enum.reverse(data.held), do: {:next_event, {:call, from}, name}
            {calls, %{data | held: []}}

          _ ->
            {inserted([action]), data}
        end
      end)

    {answers, data} = answer(actions, data)

    {replies, data} =
      case kind do
        {:call, from} ->
          cond do
            "postpone" in actions -> {answers, data}
            "hold" in actions -> {answers, %{data | held: [from | data.held]}}
            true -> {[{:reply, from, "#{state} #{content}"} | answers], data}
          end

        _ ->
          {answers, data}
      end

    others = replies ++ timeouts(actions) ++ inserted ++ postponed(actions)
    next = Enum.find_value(actions, &next/1)

    cond do
      stop = stop(actions) -> {:stop_and_reply, stop, replies, data}
      "repeat" in actions -> {:repeat_state, data, others}
      next -> {:next_state, next, data, others}
      true -> {:keep_state, data, others}
    end
  end

  # After a failure the data are those of before, and on otp-core as they were left: they are not compared.
  def terminate(reason, state, data) do
    count = if Words.reason(reason) in ["panic", "lost"], do: "-", else: data.count
    Teller.say("terminate #{state} #{count} #{Words.reason(reason)}")
  end

  defp kind({:call, _}), do: :call
  defp kind({:timeout, _}), do: :timeout
  defp kind(:state_timeout), do: :timeout
  defp kind(kind), do: kind

  defp book(%{fuel: 0} = data, _, _), do: {[], data}

  defp book(data, state, event),
    do: {Map.get(data.book, {"#{state}", event}, []), %{data | fuel: data.fuel - 1}}

  defp fail(actions) do
    if "crash" in actions, do: raise("crash")
    if "exit lost" in actions, do: exit(:lost)
  end

  defp add(actions, data), do: %{data | count: data.count + Enum.count(actions, &(&1 == "add"))}

  defp answer(actions, data) do
    if "answer" in actions,
      do: {for(from <- data.held, do: {:reply, from, "late"}), %{data | held: []}},
      else: {[], data}
  end

  defp stop(actions) do
    Enum.find_value(actions, fn action ->
      case String.split(action) do
        ["stop", reason] -> String.to_atom(reason)
        _ -> nil
      end
    end)
  end

  defp next("next " <> state), do: String.to_atom(state)
  defp next(_), do: nil

  defp postponed(actions), do: if("postpone" in actions, do: [:postpone], else: [])

  defp inserted(actions) do
    Enum.flat_map(actions, fn action ->
      case String.split(action) do
        ["insert", name] -> [{:next_event, :internal, name}]
        ["insert_cast", name] -> [{:next_event, :cast, name}]
        ["hibernate"] -> [:hibernate]
        _ -> []
      end
    end)
  end

  defp timeouts(actions) do
    Enum.flat_map(actions, fn action ->
      case String.split(action) do
        ["timeout", name, due] -> [set({:timeout, bare(name)}, name, due)]
        ["state_timeout", name, due] -> [set(:state_timeout, name, due)]
        ["event_timeout", name, due] -> [set(:timeout, name, due)]
        ["cancel", name] -> [{{:timeout, name}, :cancel}]
        ["cancel_state"] -> [{:state_timeout, :cancel}]
        _ -> []
      end
    end)
  end

  defp bare(name), do: hd(String.split(name, "#"))

  # An event time-out has no update.
  defp set(:timeout, name, "update"), do: {:timeout, 0, name}
  defp set(kind, name, "update"), do: {kind, :update, name}
  defp set(kind, name, "never"), do: {kind, :infinity, name}
  defp set(kind, name, "long"), do: {kind, @never, name}
  defp set(kind, name, millis), do: {kind, String.to_integer(millis), name}
end

defmodule Director do
  # How long a step waits for time-outs.
  @wait 150

  defstruct book: %{}, machine: nil, parent: nil, monitor: nil, calls: []

  def play(steps) do
    {lines, state} =
      Enum.map_reduce(steps, %__MODULE__{}, fn step, state ->
        state = perform(String.split(step, " "), state)
        seen = Enum.join(settled(state), " | ")
        {answers, calls} = Enum.flat_map_reduce(state.calls, [], &answer/2)
        lines = ["> " <> step, "seen " <> seen] ++ Enum.sort(answers)
        {Enum.map(lines, &[&1, "\n"]), %{state | calls: Enum.reverse(calls)}}
      end)

    for pid <- [state.machine, state.parent], pid, do: Process.exit(pid, :kill)
    lines
  end

  # What the machine has done once it has handled what it has got.
  defp settled(%{machine: nil}), do: Teller.take()

  defp settled(%{machine: machine, monitor: monitor}) do
    system(fn -> :sys.get_status(machine) end)
    Teller.take() ++ Script.ended(machine, monitor)
  end

  defp perform(["on", state, event, "=" | actions], director),
    do: %{director | book: Map.put_new(director.book, {state, event}, Words.actions(actions))}

  defp perform(["begin" | traps], %{machine: nil, book: book} = director) do
    args = {book, traps == ["traps"]}
    {machine, parent, monitor} = Script.start_link(fn -> :gen_statem.start_link(Player, args, []) end)
    %{director | machine: machine, parent: parent, monitor: monitor}
  end

  defp perform(_, %{machine: nil} = director), do: director

  defp perform(["send" | items], %{machine: machine} = director) do
    fuel(machine)
    calls = Enum.flat_map(items, &dispatch(String.split(&1, ":"), machine))
    %{director | calls: director.calls ++ calls}
  end

  defp perform(step, director) do
    act(step, director)
    director
  end

  defp act(["begin" | _], _), do: :ok

  defp act(["wait"], %{machine: machine}) do
    fuel(machine)
    Process.sleep(@wait)
  end

  defp act(["replace", state], %{machine: machine}),
    do: system(fn -> :sys.replace_state(machine, fn {_, data} -> {String.to_atom(state), data} end) end)

  defp act(["suspend"], %{machine: machine}), do: system(fn -> :sys.suspend(machine) end)
  defp act(["resume"], %{machine: machine}), do: system(fn -> :sys.resume(machine) end)

  defp act(["stop", reason], %{machine: machine}),
    do: system(fn -> :gen_statem.stop(machine, String.to_atom(reason), :infinity) end)

  defp act(["exit", reason], %{machine: machine}) do
    fuel(machine)
    Process.exit(machine, String.to_atom(reason))
  end

  defp act(["parent", reason], %{machine: machine, parent: parent}) do
    fuel(machine)
    Script.finish(parent, machine, reason)
  end

  defp act(["state"], %{machine: machine}) do
    system(fn ->
      {state, data} = :sys.get_state(machine)
      Teller.say("state #{state} #{data.count}")
    end)
  end

  defp fuel(machine),
    do: system(fn -> :sys.replace_state(machine, fn {s, data} -> {s, %{data | fuel: 6}} end) end)

  defp system(request) do
    request.()
  catch
    :exit, _ -> :ok
  end

  defp dispatch(["cast", name], machine) do
    :gen_statem.cast(machine, name)
    []
  end

  defp dispatch(["info", name], machine) do
    send(machine, name)
    []
  end

  defp dispatch(["call", name], machine), do: [{name, :gen_statem.send_request(machine, name)}]

  # A call that is postponed or held has its answer in a later step.
  defp answer({name, request} = call, calls) do
    case :gen_statem.wait_response(request, 0) do
      {:reply, answer} -> {["reply #{name} #{answer}"], calls}
      {:error, {reason, _}} -> {["reply #{name} failed #{Words.reason(reason)}"], calls}
      :timeout -> {[], [call | calls]}
    end
  end
end

Script.run(&Director.play/1)
