%% The disks of all servers, which lie in the dictionary of the one process that there is. What ra asks to
%% append, and a snapshot that it takes, wait until `settle` writes them.
-module(bridge_disk).

-export([wipe/1, forget/1, read/3, write/3, entry/2, range/1, append/2, take/2, settle/1]).

%% An empty disk.
wipe(Server) ->
    [erase(Key) || {{S, _} = Key, _} <- get(), S =:= Server],
    put({Server, log}, #{}),
    forget(Server).

%% A crash: what waits is lost.
forget(Server) ->
    put({Server, appended}, []),
    put({Server, taken}, none),
    ok.

read(Server, Key, Default) ->
    case get({Server, Key}) of
        undefined -> Default;
        Value -> Value
    end.

write(Server, Key, Value) ->
    put({Server, Key}, Value),
    ok.

%% The entry of this index as a list of one, or the empty list.
entry(Server, Index) ->
    case get({Server, log}) of
        #{Index := Entry} -> [Entry];
        _ -> []
    end.

%% The first and the last index in the log.
range(Server) ->
    case maps:keys(get({Server, log})) of
        [] -> undefined;
        Indexes -> {lists:min(Indexes), lists:max(Indexes)}
    end.

%% The first entry of all, of index 0, is told at once: ra waits for it as it starts.
append(Server, {0, 0, _, _} = Entry) ->
    put({Server, log}, written(Entry, get({Server, log}))),
    self() ! {ra_log_event, {written, {0, 0, 0}}},
    ok;
append(Server, Entry) ->
    put({Server, appended}, [Entry | get({Server, appended})]),
    ok.

take(Server, Snapshot) ->
    put({Server, taken}, Snapshot),
    ok.

%% Writes what waits; the events that tell ra of it, in order.
settle(Server) ->
    Appended = lists:reverse(get({Server, appended})),
    put({Server, log}, lists:foldl(fun written/2, get({Server, log}), Appended)),
    Taken = case get({Server, taken}) of
                none -> [];
                {#{index := Index, term := Term}, _} = Snapshot ->
                    put({Server, snapshot}, Snapshot),
                    [{snapshot_written, {Index, Term}}]
            end,
    forget(Server),
    [{written, Range} || Range <- ranges(Appended)] ++ Taken.

%% A log with one more entry: what stood from there on is gone, and what stood before where it says so.
written({Index, Term, Data, truncate}, _) -> #{Index => {Term, Data}};
written({Index, Term, Data, keep}, Log) ->
    maps:put(Index, {Term, Data}, maps:filter(fun(Each, _) -> Each < Index end, Log)).

%% Entries that follow each other in one term are told at once.
ranges(Entries) -> lists:reverse(lists:foldl(fun joined/2, [], Entries)).

joined({Index, Term, _, _}, [{First, Last, Term} | Before]) when Index =:= Last + 1 ->
    [{First, Index, Term} | Before];
joined({Index, Term, _, _}, Before) -> [{Index, Index, Term} | Before].
