import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A real exchange between the Java client and the broker: exits 0, or prints what differed and exits 1.
 *
 * <p>Not covered: the Java client reads unsigned 8-, 16- and 32-bit integers but cannot send them.
 */
public final class Exchange {
    private static final int ONE_FRAME = 131072 - 8;
    private static int failures;
    private static String user;

    private interface Step {
        void run(Connection connection, Channel channel) throws Exception;
    }

    private static void check(String topic, Object expected, Object actual) {
        if (!Objects.deepEquals(expected, actual)) {
            failures++;
            System.out.printf("differs %s: expected %.600s, got %.600s%n", topic, expected, actual);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bodyOf(int size) {
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i % 251);
        }
        return body;
    }

    private static String nameOf(String topic) {
        return "clients.java." + topic + "." + UUID.randomUUID();
    }

    private static String newQueue(Channel channel, String topic) throws IOException {
        return channel.queueDeclare(nameOf(topic), false, true, false, null).getQueue();
    }

    private static <T> T await(BlockingQueue<T> queue, String what) throws InterruptedException {
        T item = queue.poll(20, TimeUnit.SECONDS);
        if (item == null) {
            throw new IllegalStateException("waited 20 s for " + what);
        }
        return item;
    }

    /** Long strings become strings, lists and byte arrays comparable, at every depth. */
    private static Object plain(Object value) {
        if (value instanceof LongString) {
            return value.toString();
        }
        if (value instanceof byte[]) {
            return "bytes " + Arrays.toString((byte[]) value);
        }
        if (value instanceof List) {
            List<Object> list = new ArrayList<>();
            ((List<?>) value).forEach(item -> list.add(plain(item)));
            return list;
        }
        if (value instanceof Map) {
            Map<Object, Object> map = new HashMap<>();
            ((Map<?, ?>) value).forEach((key, item) -> map.put(key, plain(item)));
            return map;
        }
        return value;
    }

    private static Map<String, Object> headers() {
        Map<String, Object> deep = new HashMap<>();
        deep.put("n", 7);
        deep.put("none", null);
        Map<String, Object> headers = new HashMap<>();
        headers.put("true", true);
        headers.put("false", false);
        headers.put("text", "Grüße, 世界");
        headers.put("empty", "");
        headers.put("bytes", new byte[] {0, -1, 127});
        headers.put("int8", (byte) -128);
        headers.put("int16", (short) -32768);
        headers.put("int32", Integer.MIN_VALUE);
        headers.put("int64", Long.MIN_VALUE);
        headers.put("float", 1.5f);
        headers.put("double", -1.0e-300);
        headers.put("decimal", new BigDecimal("3.14159"));
        headers.put("decimal.negative", new BigDecimal("-12.5"));
        headers.put("time", new Date(1785587415000L));
        headers.put("null", null);
        headers.put("table", Map.of("inner", Map.of("deep", deep), "empty", Map.of()));
        headers.put("array", Arrays.asList(1, "two", true, null, List.of(3L, List.of((short) 4)), Map.of("five", 5)));
        headers.put("array.empty", List.of());
        headers.put("long.text", String.join("", Collections.nCopies(10000, "x")));
        headers.put(String.join("", Collections.nCopies(255, "k")), "longest name");
        return headers;
    }

    private static void propertiesRoundTrip(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "props");
        AMQP.BasicProperties sent = new AMQP.BasicProperties("application/json", "gzip", headers(), 2, 9, "c-1",
            "reply.here", "600000", "m-1", new Date(1785587415000L), "order.created", user, "clients", "cluster-1");
        channel.basicPublish("", queue, sent, bytes("p"));
        GetResponse got = channel.basicGet(queue, true);
        check("body", "p", text(got.getBody()));
        // version 5.0 has no equals for properties, but its text names every one of them
        check("properties", sent.builder().headers(null).build().toString(),
            got.getProps().builder().headers(null).build().toString());
        Map<?, ?> expected = (Map<?, ?>) plain(headers());
        Map<?, ?> actual = (Map<?, ?>) plain(got.getProps().getHeaders());
        check("header names", expected.keySet(), actual.keySet());
        expected.forEach((name, value) -> check("header " + name, value, actual.get(name)));
        channel.basicPublish("", queue, MessageProperties.MINIMAL_BASIC, bytes("none"));
        check("no property at all", MessageProperties.MINIMAL_BASIC.toString(),
            channel.basicGet(queue, true).getProps().toString());
    }

    private static void bodiesRoundTrip(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "bodies");
        for (int size : new int[] {0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20}) {
            byte[] sent = bodyOf(size);
            channel.basicPublish("", queue, null, sent);
            byte[] got = channel.basicGet(queue, true).getBody();
            check("body of " + size + " bytes is equal", true, Arrays.equals(sent, got));
        }
    }

    private static void confirmsAndReturn(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "confirms");
        BlockingQueue<List<Object>> returned = new LinkedBlockingQueue<>();
        channel.addReturnListener((code, text, exchange, key, properties, body) ->
            returned.add(List.of(code, text, exchange, key, text(body))));
        channel.confirmSelect();
        for (int i = 0; i < 100; i++) {
            channel.basicPublish("", queue, null, bytes("c"));
        }
        check("all confirmed, none nacked", true, channel.waitForConfirms(20000));
        check("confirmed messages", 100L, channel.messageCount(queue));
        String missing = queue + ".nowhere";
        channel.basicPublish("", missing, true, null, bytes("lost"));
        check("unroutable is confirmed", true, channel.waitForConfirms(20000));
        check("returned message, before its confirm", List.of(312, "NO_ROUTE", "", missing, "lost"), returned.poll());
    }

    private static void prefetchAndCancel(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "prefetch");
        for (int i = 0; i < 10; i++) {
            channel.basicPublish("", queue, null, bytes(Integer.toString(i)));
        }
        BlockingQueue<Envelope> arrived = new LinkedBlockingQueue<>();
        StringBuffer order = new StringBuffer();
        channel.basicQos(3);
        String tag = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String t, Envelope envelope, AMQP.BasicProperties p, byte[] body) {
                order.append(text(body));
                arrived.add(envelope);
            }
        });
        List<Envelope> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            seen.add(await(arrived, "3 deliveries"));
        }
        check("ready while 3 are unacknowledged", 7L, channel.messageCount(queue));
        check("deliveries before the first ack", 0, arrived.size());
        channel.basicAck(seen.get(1).getDeliveryTag(), true);
        for (int i = 0; i < 2; i++) {
            seen.add(await(arrived, "2 more deliveries after 2 acks"));
        }
        check("order", "01234", order.toString());
        channel.basicCancel(tag);
        channel.basicAck(seen.get(4).getDeliveryTag(), true);
        check("ready after cancel", 5L, channel.messageCount(queue));
        check("deliveries after cancel", 0, arrived.size());
    }

    private static void cancelledByTheBroker(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "notify");
        BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
        String tag = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleCancel(String consumerTag) {
                cancelled.add(consumerTag);
            }
        });
        channel.queueDelete(queue);
        check("cancelled consumer", tag, await(cancelled, "basic.cancel from the broker"));
    }

    private static long look(Channel channel, String queue, String topic, List<Object> expected) throws IOException {
        GetResponse got = channel.basicGet(queue, false);
        check(topic, expected,
            List.of(text(got.getBody()), got.getEnvelope().isRedeliver(), got.getMessageCount()));
        return got.getEnvelope().getDeliveryTag();
    }

    private static void getNackReject(Connection connection, Channel channel) throws Exception {
        String queue = newQueue(channel, "get");
        check("get on an empty queue", null, channel.basicGet(queue, false));
        channel.basicPublish("", queue, null, bytes("first"));
        channel.basicPublish("", queue, null, bytes("second"));
        channel.basicNack(look(channel, queue, "get", List.of("first", false, 1)), false, true);
        channel.basicReject(look(channel, queue, "get after nack", List.of("first", true, 1)), false);
        look(channel, queue, "get after reject", List.of("second", false, 0));
    }

    private static void channelErrorIsAlone(Connection connection, Channel channel) throws Exception {
        String missing = nameOf("missing");
        try {
            connection.createChannel().queueDeclarePassive(missing);
            check("passive declare", "closed by broker", "accepted");
        } catch (IOException exception) {
            ShutdownSignalException shutdown = (ShutdownSignalException) exception.getCause();
            AMQP.Channel.Close close = (AMQP.Channel.Close) shutdown.getReason();
            check("channel error", List.of(404, "NOT_FOUND - no queue '" + missing + "' in vhost '/'"),
                List.of(close.getReplyCode(), close.getReplyText()));
            check("only the channel closed", false, shutdown.isHardError());
        }
        String queue = newQueue(channel, "after");
        channel.basicPublish("", queue, null, bytes("still works"));
        check("other channel after the error", "still works", text(channel.basicGet(queue, true).getBody()));
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(arguments[0]);
        factory.setAutomaticRecoveryEnabled(false);
        user = factory.getUsername();
        Connection connection = factory.newConnection();
        for (Step step : new Step[] {Exchange::propertiesRoundTrip, Exchange::bodiesRoundTrip,
            Exchange::confirmsAndReturn, Exchange::prefetchAndCancel, Exchange::cancelledByTheBroker,
            Exchange::getNackReject, Exchange::channelErrorIsAlone}) {
            step.run(connection, connection.createChannel());
        }
        connection.close();
        System.out.println(failures == 0 ? "done" : failures + " differences");
        System.exit(failures == 0 ? 0 : 1);
    }
}
