defmodule Cases.Rex do
  use Suite, group: "rex", order: 147, node: "--hidden"
  kase "rpc:block_call" do
    bad = fn f, a -> case :rpc.block_call(nut(), Rust, f, a) do {:badrpc, {:EXIT, {r, st}}} when is_list(st) -> {:error, r}; o -> o end end
    {:rpc.block_call(nut(), Rust, :add, [1, 2]), :rpc.block_call(nut(), Rust, :hello, ["Joe"], 3000), :rpc.block_call(nut(), Rust, :sleep, [600], 50), bad.(:fail, [:x]), bad.(:throw, [:ball]), bad.(:exit, [:out]), bad.(:nope, []), flush_all(800)}
  end
  kase "rpc:eval_everywhere, sbcast, server_call, multi_server_call, parallel_eval" do
    call(:log, :take)
    a = :rpc.eval_everywhere([nut(), :"nobody@127.0.0.1"], Rust, :note, [:everywhere])
    b = {:rpc.sbcast([nut(), :"nobody@127.0.0.1"], :log, :synchronous), :rpc.sbcast([nut()], :nobody, :x)}
    c = safe(fn -> :rpc.server_call(nut(), :nobody, :wrapper, :x) end)
    d = :rpc.multi_server_call([nut()], :nobody, :x)
    {a, b, c, d, logged(2)}
  end
  kase "the old form of rpc:call and rpc:cast" do
    call(:log, :take)
    f = fn m, fun, a -> :gen_server.call({:rex, nut()}, {:call, m, fun, a, self()}, 3000) end
    bad = fn fun, a -> case f.(Rust, fun, a) do {:badrpc, {:EXIT, {r, st}}} when is_list(st) -> {:error, r}; o -> o end end
    a = [f.(Rust, :add, [1, 2]), f.(:erlang, :node, []), bad.(:fail, [:x]), bad.(:throw, [:ball]), bad.(:exit, [:out]), bad.(:nope, []), bad.(:hello, ["a", "b"]), bad.(:hello, [7])]
    b = for r <- [:what, {:call, Rust}], do: safe(fn -> :gen_server.call({:rex, nut()}, r, 200) end)
    :gen_server.cast({:rex, nut()}, {:cast, Rust, :note, [:old], self()})
    :gen_server.cast({:rex, nut()}, :what)
    {a, b, eventually(fn -> (l = call(:log, :take)) != [] && l end)}
  end
  kase "what a C node sends to rex" do
    send({:rex, nut()}, {self(), {:call, Rust, :add, [20, 1], :user}})
    a = recv()
    send({:rex, nut()}, {self(), {:call, Rust, :throw, [:ball], :user}})
    b = recv()
    send({:rex, nut()}, {self(), {:call, Rust, :nope, [], :user}})
    c = case recv() do {:rex, {:badrpc, {:EXIT, {r, st}}}} when is_list(st) -> r; o -> o end
    send({:rex, nut()}, {self(), {:sbcast, :log, :hello}})
    d = recv()
    send({:rex, nut()}, {self(), {:sbcast, :nobody, :hello}})
    e = recv()
    send({:rex, nut()}, {self(), {:send, :nobody, :hello}})
    f = recv()
    send({:rex, nut()}, :what)
    send({:rex, nut()}, {self(), :what})
    {a, b, c, d, e, f, flush_all(100)}
  end
  kase "rex runs calls beside each other, and in order when they block" do
    k = for ms <- [300, 10], do: Task.async(fn -> {:gen_server.call({:rex, nut()}, {:call, Rust, :sleep, [ms], self()}), System.monotonic_time()} end)
    [{a, s}, {b, t}] = Task.await_many(k)
    {a, b, t < s}
  end
  kase "rex is monitored" do
    m = Process.monitor({:rex, nut()})
    a = down(m, 100)
    disconnect()
    {a, down(m)}
  end
  kase "erl_call, which is a C node" do
    f = fn what -> System.cmd("erl_call", ["-c", "secret", "-name", "rust@127.0.0.1", "-a", what], stderr_to_stdout: true) end
    [f.("erlang node []"), f.("Elixir.Rust add [40,2]"), f.("Elixir.Rust sleep [50]"), f.("Elixir.Rust throw [{ball,1.5}]"), f.("Elixir.Rust exit [out]"), {f.("Elixir.Rust nope []") |> elem(0) =~ "undef"}]
  end
end
