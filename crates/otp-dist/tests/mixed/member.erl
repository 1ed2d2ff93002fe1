%% A member of the mixed cluster on a BEAM: as member.rs, with the same commands and answers.
-module(member).
-export([start/0]).

start() ->
    ets:new(counts, [named_table, public]),
    Life = erlang:system_time(microsecond),
    register(target, spawn(fun target/0)),
    {ok, _} = pg:start(rooms),
    ok = pg:join(rooms, <<"kitchen">>, whereis(target)),
    register(sink, spawn(fun() -> sink(#{}) end)),
    spawn(fun() -> talk(Life, 1) end),
    Others = [list_to_atom(Name) || Name <- string:tokens(os:getenv("OTHERS"), ",")],
    spawn(fun() -> connect(Others) end),
    spawn(fun() ->
        net_kernel:monitor_nodes(true, [{node_type, all}]),
        [self() ! {nodeup, Node, []} || Node <- nodes(connected)],
        events()
    end),
    io:format("READY~n"),
    commands().

target() ->
    process_flag(trap_exit, true),
    receive _ -> target() end.

%% What comes from one life of a node comes in its order and once, and never after its next life.
sink(Last) ->
    receive
        {said, Node, Life, Number} ->
            case {Life, Number} > maps:get(Node, Last, {0, 0}) of
                true -> sink(Last#{Node => {Life, Number}});
                false -> count(faults, 1), sink(Last)
            end;
        _ -> sink(Last)
    end.

talk(Life, Number) ->
    timer:sleep(100),
    Name = atom_to_binary(node()),
    [erlang:send({sink, Node}, {said, Name, Life, Number}, [noconnect, nosuspend]) || Node <- nodes(connected)],
    talk(Life, Number + 1).

connect(Others) ->
    [spawn(fun() -> net_kernel:connect_node(Node) end) || Node <- Others -- nodes(connected)],
    timer:sleep(1000),
    connect(Others).

%% The epoch of a node is odd while it is there. One that was there before may be told of twice.
events() ->
    receive
        {nodeup, Node, _} ->
            case get_count({epoch, Node}) rem 2 of
                0 -> Epoch = count({epoch, Node}, 1), spawn(fun() -> watch(Node, Epoch) end);
                1 -> told_already
            end;
        {nodedown, Node, _} -> count({epoch, Node}, 1)
    end,
    events().

%% One link and one monitor for each time that a node is there.
watch(Node, Epoch) ->
    process_flag(trap_exit, true),
    Asked = try erpc:call(Node, erlang, whereis, [target], 5000) catch _:_ -> none end,
    case get_count({epoch, Node}) of
        Epoch when is_pid(Asked) ->
            monitor(process, {target, Node}),
            link(Asked),
            count({set, Node}, 1),
            fired(Node);
        Epoch -> timer:sleep(100), watch(Node, Epoch);
        _ -> lost
    end.

fired(Node) ->
    receive
        {'DOWN', _, _, _, _} -> count({downs, Node}, 1), fired(Node);
        {'EXIT', _, _} -> count({exits, Node}, 1), fired(Node)
    end.

count(What, By) -> ets:update_counter(counts, What, By, {What, 0}).
get_count(What) -> case ets:lookup(counts, What) of [{_, Count}] -> Count; [] -> 0 end.

commands() ->
    case io:get_line("") of
        "state\n" -> state(), commands();
        _ -> halt(0)
    end.

state() ->
    Members = lists:sort([atom_to_list(node(Pid)) || Pid <- pg:get_members(rooms, <<"kitchen">>)]),
    Up = lists:sort([atom_to_list(Node) || Node <- nodes(connected)]),
    Open = [io_lib:format("~s:~b:~b", [Node, get_count({set, Node}) - get_count({downs, Node}),
                                       get_count({set, Node}) - get_count({exits, Node})])
            || [Node] <- lists:sort(ets:match(counts, {{set, '$1'}, '_'}))],
    io:format("STATE up=~s members=~s open=~s name= holds=0 faults=~b~n",
              [lists:join(",", Up), lists:join(",", Members), lists:join(",", Open), get_count(faults)]).
