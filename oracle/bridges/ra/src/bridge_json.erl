%% JSON as the adapter protocol has it: objects are maps with binaries as keys, and strings binaries.
-module(bridge_json).

-export([decode/1, encode/1]).

decode(Text) ->
    {Value, _} = value(skip(Text)),
    Value.

value(<<${, Rest/binary>>) -> members(skip(Rest), #{});
value(<<$[, Rest/binary>>) -> items(skip(Rest), []);
value(<<$", Rest/binary>>) -> string(Rest, <<>>);
value(<<"true", Rest/binary>>) -> {true, Rest};
value(<<"false", Rest/binary>>) -> {false, Rest};
value(<<"null", Rest/binary>>) -> {null, Rest};
value(Text) -> number(Text, <<>>).

members(<<$}, Rest/binary>>, Found) -> {Found, Rest};
members(<<$,, Rest/binary>>, Found) -> members(skip(Rest), Found);
members(<<$", Text/binary>>, Found) ->
    {Name, Rest} = string(Text, <<>>),
    <<$:, Behind/binary>> = skip(Rest),
    {Value, Next} = value(skip(Behind)),
    members(skip(Next), Found#{Name => Value}).

items(<<$], Rest/binary>>, Found) -> {lists:reverse(Found), Rest};
items(<<$,, Rest/binary>>, Found) -> items(skip(Rest), Found);
items(Text, Found) ->
    {Value, Rest} = value(Text),
    items(skip(Rest), [Value | Found]).

string(<<$", Rest/binary>>, Found) -> {Found, Rest};
string(<<"\\u", Digits:4/binary, Rest/binary>>, Found) ->
    string(Rest, <<Found/binary, (binary_to_integer(Digits, 16))/utf8>>);
string(<<$\\, Escaped, Rest/binary>>, Found) ->
    Meant = case Escaped of $n -> $\n; $t -> $\t; $r -> $\r; $b -> $\b; $f -> $\f; _ -> Escaped end,
    string(Rest, <<Found/binary, Meant>>);
string(<<Byte, Rest/binary>>, Found) -> string(Rest, <<Found/binary, Byte>>).

number(<<Byte, Rest/binary>>, Found) when Byte >= $0, Byte =< $9; Byte =:= $- ->
    number(Rest, <<Found/binary, Byte>>);
number(Rest, Found) -> {binary_to_integer(Found), Rest}.

skip(<<Byte, Rest/binary>>) when Byte =:= $\s; Byte =:= $\t; Byte =:= $\n; Byte =:= $\r -> skip(Rest);
skip(Text) -> Text.

encode(Value) when is_integer(Value) -> integer_to_binary(Value);
encode(Value) when is_binary(Value) -> [$", escaped(Value), $"];
encode(true) -> <<"true">>;
encode(false) -> <<"false">>;
encode(null) -> <<"null">>;
encode(Value) when is_atom(Value) -> encode(atom_to_binary(Value));
encode(Value) when is_list(Value) -> [$[, lists:join($,, [encode(Each) || Each <- Value]), $]];
encode(Value) when is_map(Value) ->
    Members = [[encode(Name), $:, encode(Each)] || {Name, Each} <- lists:sort(maps:to_list(Value))],
    [${, lists:join($,, Members), $}].

escaped(Text) -> [escape(Byte) || <<Byte>> <= Text].

escape($") -> <<"\\\"">>;
escape($\\) -> <<"\\\\">>;
escape(Byte) when Byte < 32 -> io_lib:format("\\u~4.16.0b", [Byte]);
escape(Byte) -> Byte.
