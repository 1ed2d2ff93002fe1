%% A member of the mixed cluster on a BEAM: as member.rs, with the same commands and answers.
-module(member).
-export([start/0]).

start() ->
    Faults = counters:new(1, []),
    Life = erlang:system_time(microsecond),
    register(target, spawn(fun target/0)),
    {ok, _} = pg:start(rooms),
    ok = pg:join(rooms, <<"kitchen">>, whereis(target)),
    register(sink, spawn(fun() -> sink(#{}, Faults) end)),
    spawn(fun() -> talk(Life, 1) end),
    spawn(fun() -> connect(nodes_of("DIALS")) end),
    Watchers = [{Node, spawn(fun() -> monitors(Node, Faults) end), spawn(fun() -> links(Node, Faults) end)}
                || Node <- nodes_of("OTHERS")],
    io:format("READY~n"),
    commands(Watchers, Faults).

nodes_of(Variable) -> [list_to_atom(Name) || Name <- string:tokens(os:getenv(Variable), ",")].

target() ->
    process_flag(trap_exit, true),
    receive _ -> target() end.

%% What comes from one life of a node comes in its order and once, and never after its next life.
sink(Last, Faults) ->
    receive
        {said, Node, Life, Number} ->
            case {Life, Number} > maps:get(Node, Last, {0, 0}) of
                true -> sink(Last#{Node => {Life, Number}}, Faults);
                false -> counters:add(Faults, 1, 1), sink(Last, Faults)
            end;
        _ -> sink(Last, Faults)
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

%% One monitor of a node's target. The next one is set when it has fired, on the connection that there is then.
monitors(Node, Faults) ->
    timer:sleep(100),
    case lists:member(Node, nodes(connected)) of
        true ->
            Monitor = monitor(process, {target, Node}),
            receive
                {'DOWN', Monitor, _, _, _} -> fired;
                _ -> counters:add(Faults, 1, 1)
            end;
        false -> away
    end,
    monitors(Node, Faults).

%% One link with it, likewise.
links(Node, Faults) ->
    process_flag(trap_exit, true),
    timer:sleep(100),
    try erpc:call(Node, erlang, whereis, [target], 5000) of
        Pid when is_pid(Pid) ->
            link(Pid),
            receive
                {'EXIT', Pid, _} -> fired;
                _ -> counters:add(Faults, 1, 1)
            end;
        _ -> starting
    catch _:_ -> away
    end,
    links(Node, Faults).

commands(Watchers, Faults) ->
    case io:get_line("") of
        "state\n" -> state(Watchers, Faults), commands(Watchers, Faults);
        _ -> halt(0)
    end.

state(Watchers, Faults) ->
    Members = lists:sort([atom_to_list(node(Pid)) || Pid <- pg:get_members(rooms, <<"kitchen">>)]),
    Up = lists:sort([atom_to_list(Node) || Node <- nodes(connected)]),
    Sets = [count(Node, length(held(Monitors, monitors)), length(held(Links, links))) || {Node, Monitors, Links} <- Watchers],
    On = fun(Node, What) -> length([Pid || Pid <- held(target, What), node(Pid) =:= Node]) end,
    Has = [count(Node, On(Node, monitored_by), On(Node, links)) || {Node, _, _} <- Watchers],
    io:format("STATE up=~s members=~s sets=~s has=~s name= holds=0 faults=~b~n",
              [lists:join(",", Up), lists:join(",", Members), lists:join(",", Sets), lists:join(",", Has), counters:get(Faults, 1)]).

held(Name, What) when is_atom(Name) -> held(whereis(Name), What);
held(Pid, What) ->
    {What, Held} = process_info(Pid, What),
    Held.

count(Node, Monitors, Links) -> io_lib:format("~s:~b:~b", [Node, Monitors, Links]).
