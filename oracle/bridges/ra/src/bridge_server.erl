%% One server of ra: its ra_server, which says what it wants done, and what ra_server_proc does of that,
%% without processes and clocks. A server is a map; what a crash takes along is in `ra` and `state`.
-module(bridge_server).

-include("bridge.hrl").

-export([new/2, start/1, crash/1, is_running/1, has_stopped/1, is_leader/1, act/2, handle_all/2, receive_message/3, election_timeout/1,
         heartbeat_timeout/1, compact/1, hand_over/2]).

-define(IN_VAIN, 2).

new(Name, Names) ->
    bridge_disk:wipe(Name),
    #{name => Name, members => Names, state => down, ra => none, sent => [], answers => [], calls => 0,
      awaited => #{}, token => {0, none}, in_vain => 0}.

%% Starts it from its disk, as ra_server_proc does.
start(#{name := Name, members := Names} = Server) ->
    bridge_disk:forget(Name),
    System = (ra_system:default_config())#{data_dir => filename:join(element(2, file:get_cwd()), node())},
    Config = #{id => bridge_names:id(Name), uid => Name, cluster_name => cluster,
               initial_members => [bridge_names:id(Each) || Each <- Names],
               log_init_args => #{uid => Name, snapshot_interval => 0},
               machine => {module, bridge_machine, #{}}, has_changed => false, system_config => System},
    Recovered = ra_server:recover(ra_server:init(Config)),
    act(Server#{state => recovered, ra => Recovered, awaited => #{}, in_vain => 0}, fun(Each) ->
        {Entered, Events} = enter(follower, Each, []),
        handle_all(Entered, Events)
    end).

crash(#{name := Name} = Server) ->
    bridge_disk:forget(Name),
    Server#{state => down, ra => none, awaited => #{}}.

%% A leader that was removed stops by itself.
is_running(#{state := State}) -> State =/= down andalso State =/= stopped.

has_stopped(#{state := State}) -> State =:= stopped.

is_leader(#{state := State}) -> State =:= leader.

%% Does something and all that follows from it: events, writes, and the events that tell of them.
act(Server, Step) -> settled(Step(Server)).

settled(#{name := Name} = Server) ->
    case is_running(Server) andalso bridge_disk:settle(Name) of
        false -> Server;
        [] -> Server;
        Events -> settled(handle_all(Server, [{info, {ra_log_event, Each}} || Each <- Events]))
    end.

handle_all(Server, []) -> Server;
handle_all(Server, [{Type, Message} | Rest]) ->
    case is_running(Server) of
        true ->
            {Next, Events} = handle(Server, Type, Message),
            handle_all(Next, Events ++ Rest);
        false -> Server
    end.

handle(#{state := State, ra := Ra} = Server, Type, Message) ->
    {Next, Changed, Effects} = call(State, Message, Ra),
    Saved = ra_server:persist_last_applied(Changed),
    {Done, Events} = effects(Effects, State, Type, Server#{ra => Saved}),
    enter(Next, Done, Events).

call(leader, Message, Ra) -> ra_server:handle_leader(Message, Ra);
call(candidate, Message, Ra) -> ra_server:handle_candidate(Message, Ra);
call(pre_vote, Message, Ra) -> ra_server:handle_pre_vote(Message, Ra);
call(follower, Message, Ra) -> ra_server:handle_follower(Message, Ra);
call(receive_snapshot, Message, Ra) -> ra_server:handle_receive_snapshot(Message, Ra);
call(await_condition, Message, Ra) -> ra_server:handle_await_condition(Message, Ra).

enter(State, #{state := State} = Server, Events) -> {Server, Events};
enter(stop, Server, _) -> {Server#{state => stopped}, []};
enter(State, #{ra := Ra} = Server, Events) ->
    {Entered, Effects} = ra_server:handle_state_enter(State, Ra),
    {Done, More} = effects(Effects, State, cast, Server#{state => State, ra => Entered, in_vain => 0}),
    {Done, Events ++ More}.

%% Effects: what ra_server wants done. The events that they lead to come back in their order.
effects(Effects, State, Type, Server) ->
    lists:foldl(fun(Effect, {Done, Events}) ->
                        {Next, More} = effect(Effect, State, Type, Done),
                        {Next, Events ++ More}
                end, {Server, []}, Effects).

effect(Effects, State, Type, Server) when is_list(Effects) -> effects(Effects, State, Type, Server);
effect({next_event, Event}, _, Type, Server) -> {Server, [{Type, Event}]};
%% The time of day would be in the log.
effect({next_event, Type, {command, {noop, Meta, Version}}}, _, _, Server) ->
    {Server, [{Type, {command, {noop, Meta#{ts => 0}, Version}}}]};
effect({next_event, Type, Event}, _, _, Server) -> {Server, [{Type, Event}]};
effect({send_rpc, To, Message}, _, _, Server) -> {send(To, {cast, Message}, Server), []};
effect({cast, To, Message}, _, _, Server) -> {send(To, {cast, Message}, Server), []};
effect({send_vote_requests, Requests}, _, _, Server) ->
    {lists:foldl(fun({To, Request}, Each) -> call_other(To, Request, Each) end, Server, Requests), []};
effect({reply, Reply}, _, {call, From, Number}, Server) ->
    {send(From, {reply, Number, Reply}, Server), []};
effect({reply, _}, _, administrator, Server) -> {Server, []};
effect({reply, {client, Client, Number}, Reply}, _, _, Server) -> {answer(Client, Number, Reply, Server), []};
effect({send_snapshot, To, {Snapshot, Id, Term}}, leader, _, Server) ->
    {send_snapshot(To, Snapshot, Id, Term, Server), []};
effect(Effect, _, _, Server) when
      element(1, Effect) =:= aux; element(1, Effect) =:= record_leader_msg; element(1, Effect) =:= reply;
      element(1, Effect) =:= delete_snapshot; element(1, Effect) =:= demonitor;
      Effect =:= start_election_timeout ->
    {Server, []}.

answer(Client, Number, {wrap_reply, Output}, Server) -> answered(Client, Number, Output, Server);
answer(Client, Number, {ok, Output, _}, Server) -> answered(Client, Number, Output, Server);
answer(_, _, {error, _}, Server) -> Server.

answered(Client, Number, Output, #{answers := Answers} = Server) ->
    Server#{answers => [#{client => Client, number => Number, output => Output} | Answers]}.

send(To, Message, #{sent := Sent} = Server) ->
    {Named, Next} = with_numbered_token(Message, Server),
    Next#{sent => [{bridge_names:name(To), Named} | Sent]}.

%% Calls to other servers, which ra makes from a process each; an answer to one that a crash has ended, or a
%% timeout, is for nobody.
call_other(To, Request, #{calls := Calls, awaited := Awaited} = Server) ->
    Number = Calls + 1,
    send(To, {call, Number, Request}, Server#{calls => Number, awaited => Awaited#{Number => To}}).

%% A snapshot is sent by a process of its own, whose end ra_server is told.
send_snapshot(To, Snapshot, Id, Term, #{ra := Ra, calls := Calls} = Server) ->
    {Meta, Machine} = ra_snapshot:contents(Snapshot),
    Request = #install_snapshot_rpc{term = Term, leader_id = Id, meta = Meta, chunk_state = {1, last}, data = Machine},
    Sending = ra_server:update_peer(To, #{status => {sending_snapshot, process(Calls + 1)}}, Ra),
    call_other(To, Request, Server#{ra => Sending}).

process(Number) ->
    list_to_pid(lists:flatten(io_lib:format("<0.~b.~b>", [Number rem 32768, 1000 + Number div 32768]))).

%% The reference by which a server knows its own round of pre-votes travels as a number.
with_numbered_token({call, Number, #pre_vote_rpc{token = Token} = Request}, #{token := {Count, Last}} = Server) ->
    Round = if Token =:= Last -> Count; true -> Count + 1 end,
    {{call, Number, Request#pre_vote_rpc{token = Round}}, Server#{token => {Round, Token}}};
with_numbered_token(Message, Server) -> {Message, Server}.

with_own_token(#pre_vote_result{token = Round} = Result, #{token := {Round, Token}}) ->
    Result#pre_vote_result{token = Token};
with_own_token(Result, _) -> Result.

%% What arrives.
receive_message(From, {cast, Message}, Server) -> patiently(fun(Each) -> handle_all(Each, [{cast, Message}]) end, From, Server);
receive_message(From, {call, Number, Message}, Server) ->
    handle_all(Server, [{{call, bridge_names:id(From), Number}, Message}]);
receive_message(From, {reply, Number, Reply}, #{awaited := Awaited} = Server) when is_map_key(Number, Awaited) ->
    Told = case Reply of
               #install_snapshot_result{} -> {bridge_names:id(From), Reply};
               _ -> with_own_token(Reply, Server)
           end,
    handle_all(Server#{awaited => maps:remove(Number, Awaited)}, [{cast, Told}]);
receive_message(_, {reply, _, _}, Server) -> Server.

%% A server that waits for what it misses goes on after a time, which is long enough for a leader to tell it
%% something in vain twice.
patiently(Receive, _, #{state := Before} = Server) ->
    case Receive(Server) of
        #{state := await_condition, in_vain := Count} = Next when Before =:= await_condition, Count + 1 >= ?IN_VAIN ->
            handle_all(Next#{in_vain => 0}, [{cast, await_condition_timeout}]);
        #{state := await_condition, in_vain := Count} = Next when Before =:= await_condition ->
            Next#{in_vain => Count + 1};
        Next -> Next
    end.

%% Timers.
election_timeout(#{state := leader} = Server) -> Server;
election_timeout(#{state := await_condition} = Server) ->
    stand(handle_all(Server, [{cast, await_condition_timeout}]));
election_timeout(#{state := receive_snapshot} = Server) ->
    stand(handle_all(Server, [{cast, receive_snapshot_timeout}]));
election_timeout(Server) -> stand(Server).

stand(#{state := State} = Server) when State =:= follower; State =:= pre_vote; State =:= candidate ->
    handle_all(Server, [{cast, election_timeout}]);
stand(Server) -> Server.

%% A tick. Snapshots that are not acknowledged by then count as lost: ra's process gives up.
heartbeat_timeout(#{state := leader, ra := Ra, awaited := Awaited} = Server) ->
    Told = maps:fold(fun(Number, _, Each) ->
                             {leader, Next, []} =
                                 ra_server:handle_down(leader, snapshot_sender, process(Number), timeout, Each),
                             Next
                     end, Ra, Awaited),
    {Next, Effects} = ra_server:make_rpcs(Told),
    {Done, Events} = effects(Effects, leader, cast, Server#{ra => Next, awaited => #{}}),
    handle_all(Done, Events);
heartbeat_timeout(Server) -> Server.

%% The state machine says that what it has executed is not needed any more.
compact(#{ra := #{last_applied := Applied, machine_state := Machine} = Ra, state := State} = Server) when Applied > 0 ->
    {Next, Effects} = ra_server:update_release_cursor(Applied, Machine, Ra),
    {Done, Events} = effects(Effects, State, cast, Server#{ra => Next}),
    handle_all(Done, Events);
compact(Server) -> Server.

%% ra_server tells the other server by a cast of its own, which reaches nobody here.
hand_over(To, #{ra := Ra} = Server) ->
    Done = handle_all(Server, [{administrator, {transfer_leadership, bridge_names:id(To)}}]),
    case Done of
        #{state := await_condition} -> send(bridge_names:id(To), {cast, try_become_leader}, Done);
        _ -> Done#{ra => maps:get(ra, Done, Ra)}
    end.
