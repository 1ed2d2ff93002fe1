# What the scripts for machines and for event managers share.

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

defmodule Script do
  # The protocol of lines is that of interpreter.exs. `play` gets the steps of a history and returns lines. The module, if there
  # is one, gets the reports.
  def run(play, reports \\ nil) do
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    # Elixir 1.15 and later translate reports, or drop them, by a primary filter, before any handler.
    for {filter, _} <- :logger.get_primary_config().filters,
        do: :logger.remove_primary_filter(filter)

    if reports, do: :logger.add_handler(:reports, reports, %{})
    Teller.begin()
    IO.write("ready OTP #{:erlang.system_info(:otp_release)}, Elixir #{System.version()}\n")
    read([], play)
  end

  # Starts what is played, in a parent of its own, which ends when it is told to. Returns it, its parent, and a monitor.
  def start_link(start) do
    me = self()

    parent =
      spawn(fn ->
        {:ok, pid} = start.()
        send(me, {:started, pid})
        receive do: ({:finish, reason} -> exit(reason))
      end)

    receive do: ({:started, pid} -> {pid, parent, Process.monitor(pid)})
  end

  # The end of the parent; the EXIT has come when the link has gone.
  def finish(parent, pid, reason) do
    send(parent, {:finish, String.to_atom(reason)})
    dead(parent)
    unlinked(pid, parent)
  end

  # What a step tells of the end of a process, if it has ended.
  def ended(pid, monitor) do
    receive do
      {:DOWN, ^monitor, _, _, reason} -> ["ended #{Words.reason(reason)}"]
    after
      if(Process.alive?(pid), do: 0, else: 5) -> []
    end
  end

  def dead(pid) do
    ref = Process.monitor(pid)
    receive do: ({:DOWN, ^ref, _, _, _} -> :ok)
  end

  def unlinked(pid, from) do
    case Process.info(pid, :links) do
      {:links, links} -> if from in links, do: unlinked(pid, from), else: :ok
      nil -> :ok
    end
  end

  defp read(lines, play) do
    case IO.read(:stdio, :line) do
      "play\n" ->
        IO.write([play.(Enum.reverse(lines)), ".\n"])
        read([], play)

      line when is_binary(line) ->
        read([String.trim(line) | lines], play)

      :eof ->
        :ok
    end
  end
end

defmodule Words do
  # What a reason is called on both sides.
  def reason({:EXIT, reason}), do: reason(reason)
  def reason({:error, reason}), do: reason(reason)
  def reason(%{__exception__: true}), do: "panic"
  def reason({_, stack}) when is_list(stack), do: "panic"
  def reason(reason), do: "#{reason}"

  # The actions of a line of a book.
  def actions(words),
    do: words |> Enum.join(" ") |> String.split(";") |> Enum.map(&String.trim/1)
end
