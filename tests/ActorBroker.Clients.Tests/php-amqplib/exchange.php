<?php

// A real exchange between php-amqplib and the broker: exits 0, or prints what differed and exits 1.
//
// Not covered: php-amqplib 3.5 reads 32- and 64-bit floats but cannot write them. It tells of basic.cancel from the
// broker by an exception, which is what is checked.

require_once 'PhpAmqpLib/autoload.php';

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPBasicCancelException;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPAbstractCollection as Type;
use PhpAmqpLib\Wire\AMQPArray;
use PhpAmqpLib\Wire\AMQPDecimal;
use PhpAmqpLib\Wire\AMQPTable;

const ONE_FRAME = 131072 - 8;
$failures = 0;

function check(string $topic, $expected, $actual): void
{
    global $failures;
    if ($expected !== $actual) {
        $failures++;
        printf("differs %s: expected %.300s, got %.300s\n", $topic, json_encode($expected), json_encode($actual));
    }
}

function bodyOf(int $size): string
{
    return substr(str_repeat(implode(array_map('chr', range(0, 250))), intdiv($size, 251) + 1), 0, $size);
}

function nameOf(string $topic): string
{
    return "clients.php-amqplib.$topic." . bin2hex(random_bytes(8));
}

function newQueue(AMQPChannel $channel, string $topic): string
{
    return $channel->queue_declare(nameOf($topic), false, false, true, false)[0];
}

function ready(AMQPChannel $channel, string $queue): int
{
    return $channel->queue_declare($queue, true)[1];
}

function send(AMQPChannel $channel, string $queue, string $body, array $properties = []): void
{
    $channel->basic_publish(new AMQPMessage($body, $properties), '', $queue);
}

/** A table as plain values, each with its type on the wire, so that a changed type is seen, too. */
function plain($collection): array
{
    $plain = [];
    foreach ($collection as $key => [$type, $value]) {
        if ($value instanceof AMQPDecimal) {
            $value = [$value->getN(), $value->getE()];
        } elseif ($type === Type::T_BOOL) {
            $value = (bool) $value; // read as an octet
        }
        $plain[$key] = [$type, $value instanceof Type ? plain($value) : $value];
    }
    return $plain;
}

function headers(): AMQPTable
{
    $table = new AMQPTable(['inner' => ['deep' => ['n' => 7], 'none' => null]]);
    $headers = new AMQPTable([
        'true' => true, 'false' => false, 'text' => 'Grüße, 世界', 'empty' => '', 'null' => null,
        'int32' => -2147483648, 'long.text' => str_repeat('x', 10000), str_repeat('k', 128) => 'long name',
    ]);
    $headers->set('int8', -128, Type::T_INT_SHORTSHORT);
    $headers->set('uint8', 255, Type::T_INT_SHORTSHORT_U);
    $headers->set('int16', -32768, Type::T_INT_SHORT);
    $headers->set('uint16', 65535, Type::T_INT_SHORT_U);
    $headers->set('uint32', 4294967295, Type::T_INT_LONG_U);
    $headers->set('int64', 9223372036854775807, Type::T_INT_LONGLONG);
    $headers->set('decimal', new AMQPDecimal(314159, 5), Type::T_DECIMAL);
    $headers->set('time', 1785587415, Type::T_TIMESTAMP);
    $headers->set('bytes', "\x00\xff\x7f", Type::T_BYTES);
    $headers->set('table', $table, Type::T_TABLE);
    $headers->set('array', new AMQPArray([1, 'two', true, null, [3, [4]], ['five' => 5]]), Type::T_ARRAY);
    return $headers;
}

function propertiesRoundTrip(AMQPStreamConnection $connection, AMQPChannel $channel, string $user): void
{
    $queue = newQueue($channel, 'props');
    $sent = [
        'content_type' => 'application/json', 'content_encoding' => 'gzip', 'delivery_mode' => 2, 'priority' => 9,
        'correlation_id' => 'c-1', 'reply_to' => 'reply.here', 'expiration' => '600000', 'message_id' => 'm-1',
        'timestamp' => 1785587415, 'type' => 'order.created', 'user_id' => $user, 'app_id' => 'clients',
        'cluster_id' => 'cluster-1',
    ];
    send($channel, $queue, 'p', $sent + ['application_headers' => headers()]);
    $got = $channel->basic_get($queue, true);
    check('body', 'p', $got->body);
    foreach ($sent as $name => $value) {
        check("property $name", (string) $value, (string) $got->get($name));
    }
    $expected = plain(headers());
    $actual = plain($got->get('application_headers'));
    check('header names', array_keys($expected), array_keys($actual));
    foreach ($expected as $name => $value) {
        check("header $name", $value, $actual[$name] ?? 'missing');
    }
}

function bodiesRoundTrip(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $queue = newQueue($channel, 'bodies');
    foreach ([0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20] as $size) {
        $sent = bodyOf($size);
        send($channel, $queue, $sent);
        check("body of $size bytes is equal", true, $channel->basic_get($queue, true)->body === $sent);
    }
}

function confirmsAndReturn(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $queue = newQueue($channel, 'confirms');
    $acks = 0;
    $nacks = 0;
    $events = [];
    $channel->confirm_select();
    $channel->set_ack_handler(function () use (&$acks, &$events) {
        $acks++;
        $events[] = 'ack';
    });
    $channel->set_nack_handler(function () use (&$nacks) {
        $nacks++;
    });
    $returned = null;
    $channel->set_return_listener(function (...$fields) use (&$returned, &$events) {
        $events[] = 'return';
        $returned = [...array_slice($fields, 0, 4), $fields[4]->body];
    });
    for ($i = 0; $i < 100; $i++) {
        send($channel, $queue, 'c');
    }
    $channel->wait_for_pending_acks(20);
    check('confirms', [100, 0], [$acks, $nacks]);
    check('confirmed messages', 100, ready($channel, $queue));
    $events = [];
    $channel->basic_publish(new AMQPMessage('lost'), '', "$queue.nowhere", true);
    $channel->wait_for_pending_acks_returns(20);
    check('return, then ack', ['return', 'ack'], $events);
    check('returned message', [312, 'NO_ROUTE', '', "$queue.nowhere", 'lost'], $returned);
}

function prefetchAndCancel(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $queue = newQueue($channel, 'prefetch');
    for ($i = 0; $i < 10; $i++) {
        send($channel, $queue, (string) $i);
    }
    $seen = [];
    $channel->basic_qos(0, 3, false);
    $tag = $channel->basic_consume($queue, '', false, false, false, false, function ($message) use (&$seen) {
        $seen[] = $message;
    });
    while (count($seen) < 3) {
        $channel->wait(null, false, 20);
    }
    check('ready while 3 are unacknowledged', 7, ready($channel, $queue));
    check('deliveries before the first ack', 3, count($seen));
    $seen[1]->ack(true);
    while (count($seen) < 5) {
        $channel->wait(null, false, 20);
    }
    check('order', '01234', implode(array_map(fn ($message) => $message->body, $seen)));
    $channel->basic_cancel($tag);
    $seen[4]->ack(true);
    check('ready after cancel', 5, ready($channel, $queue));
    check('deliveries after cancel', 5, count($seen));
}

function cancelledByTheBroker(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $queue = newQueue($channel, 'notify');
    $tag = $channel->basic_consume($queue, '', false, false, false, false, function () {
    });
    try {
        $channel->queue_delete($queue);
        $channel->wait(null, false, 20);
        check('queue delete', 'basic.cancel', 'nothing');
    } catch (AMQPBasicCancelException $exception) {
        check('cancelled consumer', $tag, $exception->consumerTag);
    }
}

function getNackReject(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $queue = newQueue($channel, 'get');
    check('get on an empty queue', null, $channel->basic_get($queue));
    send($channel, $queue, 'first');
    send($channel, $queue, 'second');
    $look = function (string $topic, array $expected, bool $noAck = false) use ($channel, $queue): AMQPMessage {
        $got = $channel->basic_get($queue, $noAck);
        check($topic, $expected, [$got->body, $got->isRedelivered(), $got->getMessageCount()]);
        return $got;
    };
    $look('get', ['first', false, 1])->nack(true);
    $look('get after nack', ['first', true, 1])->reject(false);
    $look('get after reject', ['second', false, 0], true);
}

function channelErrorIsAlone(AMQPStreamConnection $connection, AMQPChannel $channel): void
{
    $missing = nameOf('missing');
    try {
        $connection->channel()->queue_declare($missing, true);
        check('passive declare', 'closed by broker', 'accepted');
    } catch (AMQPProtocolChannelException $exception) {
        check('channel error', [404, "NOT_FOUND - no queue '$missing' in vhost '/'"],
            [$exception->amqp_reply_code, $exception->amqp_reply_text]);
    }
    $queue = newQueue($channel, 'after');
    send($channel, $queue, 'still works');
    check('other channel after the error', 'still works', $channel->basic_get($queue, true)->body);
}

$uri = parse_url($argv[1]);
$connection = new AMQPStreamConnection($uri['host'], $uri['port'], urldecode($uri['user']), urldecode($uri['pass']),
    urldecode(substr($uri['path'] ?? '/%2F', 1)));
foreach (['propertiesRoundTrip', 'bodiesRoundTrip', 'confirmsAndReturn', 'prefetchAndCancel', 'cancelledByTheBroker',
    'getNackReject', 'channelErrorIsAlone'] as $step) {
    $step($connection, $connection->channel(), urldecode($uri['user']));
    echo "done $step\n";
}
$connection->close();
exit($failures === 0 ? 0 : 1);
