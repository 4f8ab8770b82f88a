%% In place of ra's snapshot files: one snapshot a server, as a term. One that a server takes is written
%% at the end of the step, and then it is told.
-module(ra_snapshot).

-export([init/3, current/1, pending/1, directory/1, begin_snapshot/3, complete_snapshot/2, begin_accept/2,
         accept_chunk/4, abort_accept/1, handle_down/3, recover/1, contents/1]).

init(Server, _Module, _Dir) ->
    Current = case bridge_disk:read(Server, snapshot, none) of
                  none -> undefined;
                  {Meta, _} -> index_term(Meta)
              end,
    #{server => Server, current => Current, pending => undefined, accepting => undefined}.

index_term(#{index := Index, term := Term}) -> {Index, Term}.

current(#{current := Current}) -> Current.

pending(#{pending := Pending}) -> Pending.

directory(_) -> none.

begin_snapshot(Meta, Machine, #{server := Server} = State) ->
    bridge_disk:take(Server, {Meta, Machine}),
    {State#{pending => {self(), index_term(Meta)}}, []}.

complete_snapshot(IndexTerm, State) -> State#{pending => undefined, current => IndexTerm}.

begin_accept(Meta, State) -> {ok, State#{accepting => Meta}}.

accept_chunk(Machine, 1, last, #{server := Server, accepting := Meta} = State) ->
    ok = bridge_disk:write(Server, snapshot, {Meta, Machine}),
    {ok, State#{accepting => undefined, current => index_term(Meta)}}.

abort_accept(State) -> State#{accepting => undefined}.

handle_down(_, _, State) -> State.

recover(#{current := undefined}) -> {error, no_current_snapshot};
recover(State) ->
    {Meta, Machine} = contents(State),
    {ok, Meta, Machine}.

%% What a leader reads to send it.
contents(#{server := Server}) -> bridge_disk:read(Server, snapshot, none).
