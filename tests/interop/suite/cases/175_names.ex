# What servers that every node has, and a name that nobody has, do with what they do not know. Of `pg` see notes.md: a BEAM's fails.
defmodule Cases.Names do
  use Suite, group: "names", order: 175, node: "--hidden"
  def monitored(name, f) do
    m = Process.monitor({name, nut()})
    f.()
    down(m, 200)
  end
  def junk(name) do
    call = safe(fn -> :gen_server.call({name, nut()}, :junk, 300) end)
    cast = monitored(name, fn -> for j <- [:junk, {:junk, 1}, [:junk]], do: :gen_server.cast({name, nut()}, j) end)
    info = monitored(name, fn -> for j <- [:junk, {:junk, 1}, [:junk], {self(), :junk}], do: send({name, nut()}, j) end)
    {call, cast, info, flush_all(50), Node.ping(nut())}
  end
  kase "what net_kernel does with what it does not know" do junk(:net_kernel) end
  kase "what rex does with what it does not know" do junk(:rex) end
  kase "what becomes of messages to a name that nobody has" do junk(:nobody) end
  kase "a stop and a look at a name that nobody has" do
    {safe(fn -> GenServer.stop({:nobody, nut()}) end), safe(fn -> :sys.get_state({:nobody, nut()}) end)}
  end
end
