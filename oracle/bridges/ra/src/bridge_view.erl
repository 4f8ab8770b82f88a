%% What a server shows of itself.
-module(bridge_view).

-export([observes/0, of_server/1, changed/2]).

observes() ->
    [<<"voted_for">>, <<"next_index and match_index">>, <<"applied_digest">>, <<"snapshots">>, <<"memberships">>,
     <<"client histories">>].

%% The whole view of a server, with its log as the index before it and a list.
of_server(#{name := Name, ra := Ra} = Server) ->
    #{current_term := Term, last_applied := Applied, machine_state := Machine, log := Log} = Ra,
    Vote = case bridge_disk:read(Name, {meta, voted_for}, undefined) of
               undefined -> null;
               Id -> bridge_names:name(Id)
           end,
    View = #{role => role(Server), term => Term, vote => Vote, commit => commit(Server), applied => Applied,
             digest => bridge_machine:digest(Machine), log => log_of(Log)},
    with_progress(Server, maps:merge(View, maps:merge(snapshot(Log), membership(Ra)))).

%% A leader that hands over waits, and does nothing of what leaders do.
role(#{state := leader}) -> leader;
role(#{state := candidate}) -> candidate;
role(_) -> follower.

%% What a follower notes as committed is its leader's word, which may be ahead of its log; what it has
%% executed is what it knows.
commit(#{ra := #{commit_index := Commit, last_applied := Applied, log := Log}} = Server) ->
    case role(Server) of
        leader -> max(Applied, min(Commit, ra_log:next_index(Log) - 1));
        _ -> Applied
    end.

snapshot(Log) ->
    case ra_log:snapshot_index_term(Log) of
        undefined -> #{};
        {Index, Term} -> #{snapshot => [Index, Term]}
    end.

membership(#{cluster := Cluster, cluster_index_term := {Since, _}}) ->
    #{voters => [bridge_names:name(Id) || Id <- lists:sort(maps:keys(Cluster))], voters_since => Since}.

with_progress(#{name := Name, ra := #{cluster := Cluster}} = Server, View) ->
    case role(Server) of
        leader ->
            Peers = [{bridge_names:name(Id), Peer} || {Id, Peer} <- maps:to_list(Cluster)],
            Others = [{Each, Peer} || {Each, Peer} <- Peers, Each =/= Name],
            View#{match => maps:from_list([{Each, Index} || {Each, #{match_index := Index}} <- Others]),
                  next => maps:from_list([{Each, Index} || {Each, #{next_index := Index}} <- Others])};
        _ -> View
    end.

log_of(Log) ->
    #{first_index := First0} = ra_log:overview(Log),
    First = max(First0, 1),
    {Entries, _, _} = ra_log:take(First, ra_log:next_index(Log) - First, Log),
    {First, [[Term, content(Data)] || {_, Term, Data} <- Entries]}.

content({'$usr', _, Command, _}) -> Command;
content({noop, _, _}) -> <<>>;
content({'$ra_cluster_change', _, Cluster, _}) ->
    iolist_to_binary(["cluster" | [[$\s, bridge_names:name(Id)] || Id <- lists:sort(maps:keys(Cluster))]]).

%% A view as the protocol has it, with no more of the log than has changed, and with the configurations that
%% came and went since the last one; none where nothing has changed.
changed(View, View) -> none;
changed(#{log := {First, Entries}} = View, #{log := {Before, Shown}} = Last) ->
    Skipped = lists:nthtail(min(length(Shown), max(0, First - Before)), Shown),
    case First >= Before andalso First - Before =< length(Shown) of
        true when Entries =:= Skipped -> maps:remove(log, View);
        true ->
            Same = common(Entries, Skipped, 0),
            with_earlier(View, Last, First + Same, lists:nthtail(Same, Entries));
        false -> with_earlier(View, Last, First, Entries)
    end;
changed(#{log := {First, Entries}} = View, none) -> View#{log => #{from => First, entries => Entries}}.

with_earlier(#{voters_since := Since} = View, #{voters_since := Before}, First, Entries) ->
    Numbered = lists:zip(lists:seq(First, First + length(Entries) - 1), Entries),
    Earlier = [#{voters => binary:split(Names, <<" ">>, [global]), voters_since => Index}
               || {Index, [_, <<"cluster ", Names/binary>>]} <- Numbered, Index > Before, Index < Since],
    View#{log => #{from => First, entries => Entries}, earlier => Earlier}.

common([Same | One], [Same | Other], Count) -> common(One, Other, Count + 1);
common(_, _, Count) -> Count.
