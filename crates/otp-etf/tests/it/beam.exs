# Answers a line with a line. Terms go as `term_to_binary`, in hexadecimal.
defmodule Etf do
  @whole [limit: :infinity, printable_limit: :infinity, width: :infinity, custom_options: [sort_maps: true]]
  # from OTP 26 on the atoms in a map are in no order unless it is asked for
  @format if :erlang.system_info(:otp_release) >= ~c"26", do: "~0tkp", else: "~0tp"
  def loop do
    case IO.read(:stdio, :line) do
      line when is_binary(line) ->
        answer = try do
          line |> String.split() |> answer()
        rescue
          e -> "error " <> hex(Exception.message(e))
        end
        IO.puts(answer)
        loop()
      _ -> :ok
    end
  end
  # the same term as the BEAM writes it, its text in Erlang and in Elixir
  defp answer(["term", t]), do: describe(term(t))
  # how two terms compare, as terms and as keys of a map
  defp answer(["compare", a, b]) do
    {a, b} = {term(a), term(b)}
    order = cond do a == b -> "eq"; a < b -> "lt"; true -> "gt" end
    same = if a === b, do: "same", else: "other"
    "#{order} #{same}"
  end
  # terms that only a BEAM makes
  defp answer(["own", n]) do
    l = own()
    describe(Enum.at(l, rem(String.to_integer(n), length(l))))
  end
  defp answer(["release"]), do: "#{:erlang.system_info(:otp_release)} #{System.version()}"
  defp own do
    x = 5
    [self(), make_ref(), hd(:erlang.ports()), &:lists.map/2, fn a -> {a, x} end, fn -> :ok end, :erlang.make_fun(:m, :f, 3), {self(), [:alias | make_ref()]},
     Map.new(1..100, &{&1, make_ref()}), :erlang.term_to_binary(1), %{self() => 1, "a" => 2.5}, Enum.to_list(1..300), for(i <- 1..40, do: 1.1 * i), Process.info(self()) |> Keyword.take([:group_leader, :status])]
  end
  defp describe(t) do
    det = :erlang.term_to_binary(t, [:deterministic, minor_version: 2])
    erl = :unicode.characters_to_binary(:io_lib.format(@format, [t]))
    Enum.map_join([:erlang.term_to_binary(t), det, erl, inspect(t, @whole), :erlang.term_to_binary(t, [:compressed])], " ", &hex/1)
  end
  defp term(h), do: h |> Base.decode16!() |> :erlang.binary_to_term()
  defp hex(b), do: "x" <> Base.encode16(b)
end
Etf.loop()
