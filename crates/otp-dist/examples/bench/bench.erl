%% The BEAM's side of the benchmark: a server, or a client that is told by its standard input what to measure.
-module(bench).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main(["server"]) ->
    {ok, _} = gen_server:start({local, bench}, ?MODULE, [], []),
    io:put_chars("READY\n"),
    eof = io:get_line(""),
    halt();
main(["client"]) ->
    io:put_chars("READY\n"),
    serve().

serve() ->
    case io:get_line("") of
        eof ->
            halt();
        Line ->
            [Row, N, Node] = string:lexemes(Line, " \n"),
            Server = {bench, list_to_atom(Node)},
            Count = list_to_integer(N),
            %% The connection is there before the clock starts.
            gen_server:call(Server, total, infinity),
            {Micros, _} = timer:tc(fun() -> row(Row, Server, Count) end),
            io:format("~b~n", [Micros]),
            serve()
    end.

row("calls", Server, N) ->
    calls(Server, N);
row("callers", Server, N) ->
    Each = N div 64,
    Callers = [spawn_monitor(fun() -> calls(Server, Each) end) || _ <- lists:seq(1, 64)],
    [receive {'DOWN', Monitor, process, _, normal} -> ok end || {_, Monitor} <- Callers];
row("casts", Server, N) ->
    [gen_server:cast(Server, {add, I}) || I <- lists:seq(1, N)],
    gen_server:call(Server, total, infinity);
row("echo", Server, {N, Size}) ->
    Blob = binary:copy(<<7>>, Size),
    [Blob = gen_server:call(Server, {echo, Blob}, infinity) || _ <- lists:seq(1, N)];
row("kib", Server, N) ->
    row("echo", Server, {N, 1024});
row("mib", Server, N) ->
    row("echo", Server, {N, 1024 * 1024}).

calls(Server, N) ->
    [I = gen_server:call(Server, {same, I}, infinity) || I <- lists:seq(1, N)].

init([]) -> {ok, 0}.

handle_call(total, _From, Total) -> {reply, Total, Total};
handle_call({same, N}, _From, Total) -> {reply, N, Total};
handle_call({echo, Blob}, _From, Total) -> {reply, Blob, Total}.

handle_cast({add, N}, Total) -> {noreply, Total + N}.
