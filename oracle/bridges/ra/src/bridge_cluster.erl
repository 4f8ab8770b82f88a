%% All servers of one run, and what the protocol's commands mean to them.
-module(bridge_cluster).

-export([answer/2, offers/0, settings/0]).

offers() -> [<<"ChangeMembership">>, <<"Compact">>, <<"Invoke">>, <<"TransferLeadership">>].

settings() ->
    [#{name => Name, default => <<"off">>, meaning => Meaning} || {Name, Meaning} <- meanings()].

meanings() ->
    [{<<"membership">>, <<"servers join and leave, one at a time">>},
     {<<"snapshots">>, <<"the state machine lets go of what it has executed">>},
     {<<"transfers">>, <<"leaders are asked to hand over">>}].

answer(#{<<"op">> := <<"reset">>, <<"servers">> := Names, <<"settings">> := Settings}, Cluster) ->
    case [complaint(Name, Value) || {Name, Value} <- maps:to_list(Settings), complaint(Name, Value) =/= none] of
        [] ->
            [put(Name, maps:get(Name, Settings, <<"off">>)) || {Name, _} <- meanings()],
            Started = maps:from_list([{Name, {bridge_server:start(bridge_server:new(Name, Names)), none}} || Name <- Names]),
            reply(Names, Started);
        [First | _] -> {#{error => First}, Cluster}
    end;
answer(#{<<"op">> := Op, <<"server">> := Name} = Command, Cluster) ->
    {Server, Shown} = maps:get(Name, Cluster),
    case step(Op, Command) of
        unknown -> {#{error => <<"op: found ", Op/binary, ", which this bridge does not know">>}, Cluster};
        restart -> reply([Name], Cluster#{Name => {bridge_server:start(Server), none}});
        crash -> {#{}, Cluster#{Name => {bridge_server:crash(Server), Shown}}};
        Step ->
            Done = case bridge_server:is_running(Server) of
                       true -> bridge_server:act(Server, Step);
                       false -> Server
                   end,
            Others = needed(Op, Command, Done, Cluster),
            Woken = maps:from_list([{Each, {bridge_server:start(element(1, maps:get(Each, Cluster))), none}} || Each <- Others]),
            reply([Name | Others], maps:merge(Cluster#{Name => {Done, Shown}}, Woken))
    end.

complaint(Name, Value) ->
    case {lists:keymember(Name, 1, meanings()), Value} of
        {false, _} -> <<"settings: found ", Name/binary, ", which ra does not have">>;
        {true, <<"on">>} -> none;
        {true, <<"off">>} -> none;
        _ -> <<Name/binary, ": found ", Value/binary, ", expected on or off">>
    end.

is_on(Setting) -> get(Setting) =:= <<"on">>.

%% What a command means at one server.
step(<<"election_timeout">>, _) -> fun bridge_server:election_timeout/1;
step(<<"heartbeat_timeout">>, _) -> fun bridge_server:heartbeat_timeout/1;
step(<<"receive">>, #{<<"from">> := From, <<"message">> := Text}) ->
    fun(Server) -> bridge_server:receive_message(From, bridge_messages:unpacked(Text), Server) end;
step(<<"client_request">>, #{<<"command">> := Command}) ->
    commanding({'$usr', #{ts => 0}, Command, noreply});
step(<<"invoke">>, #{<<"client">> := Client, <<"number">> := Number, <<"command">> := Command}) ->
    From = {client, Client, Number},
    case Command of
        <<"get ", Key/binary>> -> at_leader({consistent_query, From, fun(State) -> bridge_machine:value(Key, State) end});
        _ -> commanding({'$usr', #{ts => 0, from => From}, Command, await_consensus})
    end;
step(<<"compact">>, _) ->
    fun(Server) -> case is_on(<<"snapshots">>) of
                       true -> bridge_server:compact(Server);
                       false -> Server
                   end
    end;
step(<<"transfer_leadership">>, #{<<"target">> := Target}) ->
    fun(Server) -> case is_on(<<"transfers">>) andalso bridge_server:is_leader(Server) of
                       true -> bridge_server:hand_over(Target, Server);
                       false -> Server
                   end
    end;
step(<<"change_membership">>, #{<<"voters">> := Voters}) ->
    fun(Server) -> case is_on(<<"membership">>) andalso bridge_server:is_leader(Server) of
                       true -> change(Voters, Server);
                       false -> Server
                   end
    end;
step(<<"restart">>, _) -> restart;
step(<<"crash">>, _) -> crash;
step(Op, _) when Op =:= <<"connect">>; Op =:= <<"disconnect">> -> fun(Server) -> Server end;
step(_, _) -> unknown.

%% Clients send to a leader; others tell them who leads.
commanding(Command) -> at_leader({command, Command}).

at_leader(Event) ->
    fun(Server) -> case bridge_server:is_leader(Server) of
                       true -> bridge_server:handle_all(Server, [{cast, Event}]);
                       false -> Server
                   end
    end.

%% The first change that leads to these voters: ra changes by one server at a time.
change(Voters, #{ra := #{cluster := Cluster}} = Server) ->
    Now = [bridge_names:name(Id) || Id <- lists:sort(maps:keys(Cluster))],
    case {Voters -- Now, Now -- Voters} of
        {[Name | _], _} -> propose('$ra_join', Name, Server);
        {[], [Name | _]} -> propose('$ra_leave', Name, Server);
        _ -> Server
    end.

propose(Tag, Name, Server) ->
    bridge_server:handle_all(Server, [{cast, {command, {Tag, #{ts => 0}, bridge_names:id(Name), after_log_append}}}]).

%% Servers that have stopped, and that an administrator starts before they are added.
needed(<<"change_membership">>, #{<<"server">> := Name, <<"voters">> := Voters}, Server, Cluster) ->
    case bridge_server:is_leader(Server) of
        true -> [Each || Each <- Voters, Each =/= Name, bridge_server:has_stopped(element(1, maps:get(Each, Cluster)))];
        false -> []
    end;
needed(_, _, _, _) -> [].

%% The reply about servers that may have changed, and the cluster without what it has told.
reply(Names, Cluster) ->
    lists:foldl(fun(Name, {Reply, Told}) ->
                        {Server, Shown} = maps:get(Name, Told),
                        {Next, View, Rest} = told(Server, Shown),
                        {merged(Name, View, Rest, Reply), Told#{Name => Next}}
                end, {#{}, Cluster}, Names).

told(#{sent := Sent, answers := Answers} = Server, Shown) ->
    Rest = {lists:reverse(Sent), lists:reverse(Answers)},
    Quiet = Server#{sent => [], answers => []},
    case bridge_server:is_running(Server) of
        true ->
            View = bridge_view:of_server(Server),
            {{Quiet, View}, bridge_view:changed(View, Shown), Rest};
        false -> {{Quiet, Shown}, stopped_view(Server, Shown), Rest}
    end.

%% A leader that has stopped leads no more.
stopped_view(#{state := stopped}, #{role := leader} = Shown) ->
    maps:without([log, match, next], Shown#{role => follower});
stopped_view(_, _) -> none.

merged(Name, View, {Sent, Answers}, Reply) ->
    Views = case View of
                none -> maps:get(views, Reply, #{});
                _ -> (maps:get(views, Reply, #{}))#{Name => View}
            end,
    Messages = [#{from => Name, to => To, message => bridge_messages:packed(Each), label => bridge_messages:label(Each)}
                || {To, Each} <- Sent],
    Reply#{views => Views, sent => maps:get(sent, Reply, []) ++ Messages,
           answers => maps:get(answers, Reply, []) ++ Answers}.
