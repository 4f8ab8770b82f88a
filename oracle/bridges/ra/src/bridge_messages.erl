%% Messages between servers: as text, and in one line for people.
-module(bridge_messages).

-include("bridge.hrl").

-export([packed/1, unpacked/1, label/1]).

packed(Message) -> base64:encode(term_to_binary(Message, [deterministic])).

unpacked(Text) -> binary_to_term(base64:decode(Text)).

%% One line, which tells apart all messages of one link that differ.
label({cast, {{_, Node}, Message}}) when Node =:= node() -> line(words(Message));
label({cast, Message}) -> line(words(Message));
label({call, Number, Message}) -> line([words(Message), " #", integer_to_binary(Number)]);
label({reply, Number, Message}) -> line([words(Message), " #", integer_to_binary(Number)]).

line(Words) -> iolist_to_binary(Words).

words(#append_entries_rpc{term = T, prev_log_index = I, prev_log_term = P, entries = Entries, leader_commit = C}) ->
    io_lib:format("append_entries_rpc t~b prev ~b@~b~s commit ~b", [T, I, P, entries(Entries), C]);
words(#append_entries_reply{term = T, success = Success, next_index = N, last_index = L, last_term = P}) ->
    io_lib:format("append_entries_reply t~b ~s next ~b last ~w@~w", [T, said(Success, "success", "refused"), N, L, P]);
words(#request_vote_rpc{term = T, last_log_index = I, last_log_term = P}) ->
    io_lib:format("request_vote_rpc t~b last ~b@~b", [T, I, P]);
words(#request_vote_result{term = T, vote_granted = Granted}) ->
    io_lib:format("request_vote_result t~b ~s", [T, said(Granted, "granted", "denied")]);
words(#pre_vote_rpc{term = T, token = Round, last_log_index = I, last_log_term = P}) ->
    io_lib:format("pre_vote_rpc t~b round ~b last ~b@~b", [T, Round, I, P]);
words(#pre_vote_result{term = T, token = Round, vote_granted = Granted}) ->
    io_lib:format("pre_vote_result t~b round ~b ~s", [T, Round, said(Granted, "granted", "denied")]);
words(#install_snapshot_rpc{term = T, meta = #{index := I, term := P}}) ->
    io_lib:format("install_snapshot_rpc t~b to ~b@~b", [T, I, P]);
words(#install_snapshot_result{term = T, last_index = I, last_term = P}) ->
    io_lib:format("install_snapshot_result t~b to ~b@~b", [T, I, P]);
words(#heartbeat_rpc{term = T, query_index = Q}) -> io_lib:format("heartbeat_rpc t~b query ~b", [T, Q]);
words(#heartbeat_reply{term = T, query_index = Q}) -> io_lib:format("heartbeat_reply t~b query ~b", [T, Q]);
words(try_become_leader) -> "try_become_leader".

entries([]) -> "";
entries(Entries) -> [" entries" | [io_lib:format(" ~b@~b", [I, T]) || {I, T, _} <- Entries]].

said(true, Yes, _) -> Yes;
said(false, _, No) -> No.
