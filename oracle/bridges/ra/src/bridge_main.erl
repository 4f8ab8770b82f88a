%% A bridge to ra: a whole cluster of its servers behind raft-oracle's adapter protocol.
%%
%% It reads one JSON object a line and answers each with one. There is no clock and no network, and one
%% process: a server does something only when it is told to, and then to the end.
-module(bridge_main).

-export([start/0]).

start() ->
    persistent_term:put('$ra_logger', bridge_silence),
    ets:new(ra_log_metrics, [named_table, public]),
    Port = open_port({fd, 0, 1}, [binary, eof, {line, 1 bsl 26}]),
    serve(Port, none).

serve(Port, Cluster) ->
    receive
        {Port, {data, {eol, Line}}} ->
            {Reply, Next} = answer(bridge_json:decode(Line), Cluster),
            port_command(Port, [bridge_json:encode(Reply), $\n]),
            serve(Port, Next);
        {Port, eof} -> halt(0)
    end.

answer(#{<<"op">> := <<"hello">>}, Cluster) -> {introduction(), Cluster};
answer(Command, Cluster) ->
    try bridge_cluster:answer(Command, Cluster)
    catch
        Class:Reason:Stack ->
            Where = [{Module, Function, Line} || {Module, Function, _, Place} <- lists:sublist(Stack, 3),
                                                 {line, Line} <- Place],
            Text = io_lib:format("~w: ~0p at ~0p", [Class, brief(Reason, 2), Where]),
            {#{error => unicode:characters_to_binary(Text)}, Cluster}
    end.

%% What a process died of, without states, which are long and name files.
brief(Reason, Depth) when is_tuple(Reason), Depth > 0 ->
    list_to_tuple([brief(Each, Depth - 1) || Each <- tuple_to_list(Reason)]);
brief(Reason, _) when is_atom(Reason); is_number(Reason) -> Reason;
brief(_, _) -> '...'.

introduction() ->
    #{protocol => 1, name => <<"ra">>, version => version(),
      summary => <<"RabbitMQ's Raft in Erlang, in the version of Debian 12, driven through its ra_server">>,
      network => <<"fifo">>, observes => bridge_view:observes(), offers => bridge_cluster:offers(),
      settings => bridge_cluster:settings()}.

version() ->
    {ok, [{application, ra, Properties}]} = file:consult(filename:join(filename:dirname(code:which(ra)), "ra.app")),
    list_to_binary(proplists:get_value(vsn, Properties)).
