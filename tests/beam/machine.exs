# Plays histories of one gen_statem, one step at a time, and tells what happens. The protocol of lines is that of
# interpreter.exs; what the steps mean is written in src/machine.rs, where the same histories are played on otp-core.
#
# It runs on OTP 25 and later.

defmodule Teller do
  # Collects what is said.

  def begin, do: spawn(fn -> loop([]) end) |> Process.register(:teller)

  def say(line), do: send(:teller, {:say, line})

  def take do
    ref = make_ref()
    send(:teller, {:take, self(), ref})

    receive do
      {^ref, lines} -> lines
    end
  end

  defp loop(lines) do
    receive do
      {:say, line} ->
        loop([line | lines])

      {:take, from, ref} ->
        send(from, {ref, Enum.reverse(lines)})
        loop([])
    end
  end
end

defmodule Player do
  @behaviour :gen_statem

  @never 3_600_000

  def callback_mode, do: [:handle_event_function, :state_enter]

  # The fuel says how many events may still do what the book says; without an end some machines would never rest.
  def init(book), do: {:ok, :a, %{book: book, fuel: 0, count: 0}}

  def handle_event(:enter, from, state, data) do
    {actions, data} = book(data, state, "enter")
    Teller.say("#{state} enter from #{from}")

    if "crash" in actions, do: raise("crash")
    data = add(actions, data)
    settings = timeouts(actions)

    cond do
      "again" in actions -> {:repeat_state, data, settings}
      stop = stop(actions) -> {:stop, stop, data}
      true -> {:keep_state, data, settings}
    end
  end

  def handle_event(kind, content, state, data) do
    Teller.say("#{state} #{kind(kind)} #{content}")
    {actions, data} = book(data, state, hd(String.split("#{content}", "#")))
    if "crash" in actions, do: raise("crash")
    data = add(actions, data)

    replies =
      case kind do
        {:call, from} -> if "postpone" in actions, do: [], else: [{:reply, from, "#{state} #{content}"}]
        _ -> []
      end

    others = replies ++ timeouts(actions) ++ inserted(actions) ++ postponed(actions)
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
    count = if word(reason) == "panic", do: "-", else: data.count
    Teller.say("terminate #{state} #{count} #{word(reason)}")
  end

  def word(%{__exception__: true}), do: "panic"
  def word({_, stack}) when is_list(stack), do: "panic"
  def word(reason), do: "#{reason}"

  defp kind({:call, _}), do: :call
  defp kind({:timeout, _}), do: :timeout
  defp kind(:state_timeout), do: :timeout
  defp kind(kind), do: kind

  defp book(%{fuel: 0} = data, _, _), do: {[], data}

  defp book(data, state, event),
    do: {Map.get(data.book, {"#{state}", event}, []), %{data | fuel: data.fuel - 1}}

  defp add(actions, data), do: %{data | count: data.count + Enum.count(actions, &(&1 == "add"))}

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

  def run do
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    IO.write("ready OTP #{:erlang.system_info(:otp_release)}, Elixir #{System.version()}\n")
    Teller.begin()
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

  defp play(steps) do
    {lines, {_, machine}} =
      Enum.map_reduce(steps, {%{}, nil}, fn step, {book, machine} ->
        {book, machine, callers} = perform(String.split(step, " "), book, machine)
        seen = Enum.join(settled(machine), " | ")
        answers = callers |> Enum.map(&answer/1) |> Enum.reject(&is_nil/1) |> Enum.sort()
        lines = ["> " <> step, "seen " <> seen] ++ answers
        {Enum.map(lines, &[&1, "\n"]), {book, machine}}
      end)

    if machine, do: Process.exit(machine, :kill)
    lines
  end

  # What the machine has done once it has handled what it has got.
  defp settled(nil), do: Teller.take()

  defp settled(machine) do
    try do
      :sys.get_status(machine)
    catch
      :exit, _ -> :ok
    end

    Teller.take()
  end

  defp perform(["on", state, event, "=" | actions], book, machine) do
    actions = actions |> Enum.join(" ") |> String.split(";") |> Enum.map(&String.trim/1)
    {Map.put_new(book, {state, event}, actions), machine, []}
  end

  defp perform(["begin"], book, nil) do
    {:ok, pid} = :gen_statem.start(Player, book, [])
    {book, pid, []}
  end

  defp perform(["begin"], book, machine), do: {book, machine, []}
  defp perform(_, book, nil), do: {book, nil, []}

  defp perform(["send" | items], book, machine) do
    fuel(machine)
    callers = Enum.map(items, &dispatch(String.split(&1, ":"), machine))
    {book, machine, Enum.reject(callers, &is_nil/1)}
  end

  defp perform(["wait"], book, machine) do
    fuel(machine)
    Process.sleep(@wait)
    {book, machine, []}
  end

  defp perform(["replace", state], book, machine) do
    system(fn -> :sys.replace_state(machine, fn {_, data} -> {String.to_atom(state), data} end) end)
    {book, machine, []}
  end

  defp perform(["suspend"], book, machine) do
    system(fn -> :sys.suspend(machine) end)
    {book, machine, []}
  end

  defp perform(["resume"], book, machine) do
    system(fn -> :sys.resume(machine) end)
    {book, machine, []}
  end

  defp perform(["stop", reason], book, machine) do
    system(fn -> :gen_statem.stop(machine, String.to_atom(reason), :infinity) end)
    {book, machine, []}
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
    nil
  end

  defp dispatch(["info", name], machine) do
    send(machine, name)
    nil
  end

  defp dispatch(["call", name], machine), do: {name, :gen_statem.send_request(machine, name)}

  # A call that is postponed has no answer in its step, and is not asked for again.
  defp answer({name, request}) do
    case :gen_statem.wait_response(request, 0) do
      {:reply, answer} -> "reply #{name} #{answer}"
      {:error, {reason, _}} -> "reply #{name} failed #{Player.word(reason)}"
      :timeout -> nil
    end
  end
end

Director.run()
