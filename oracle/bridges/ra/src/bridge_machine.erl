%% The state machine of a server: a small key-value store, and a digest of all that was executed.
-module(bridge_machine).

-export([init/1, apply/3, value/2, digest/1]).

init(_) -> {<<>>, #{}}.

apply(#{index := Index}, Command, {Digest, Values}) ->
    Text = [Digest, $\n, integer_to_binary(Index), $\s, Command],
    Next = binary:encode_hex(binary:part(erlang:md5(Text), 0, 8)),
    {Changed, Output} = executed(binary:split(Command, <<" ">>, [global]), Values),
    {{Next, Changed}, Output}.

executed([<<"set">>, Key, Value], Values) -> {Values#{Key => Value}, <<>>};
executed([<<"append">>, Key, Value], Values) ->
    Longer = <<(maps:get(Key, Values, <<>>))/binary, Value/binary>>,
    {Values#{Key => Longer}, Longer};
executed(_, Values) -> {Values, <<>>}.

value(Key, {_, Values}) -> maps:get(Key, Values, <<>>).

digest({Digest, _}) -> Digest.
