import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;

/** Sends messages 0 to COUNT-1 to a queue, each with the same headers, and ends when all are confirmed. */
public final class Produce {
    private Produce() {
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(arguments[0]);
        Map<String, Object> headers = new HashMap<>();
        headers.put("flag", true);
        headers.put("int", 7);
        headers.put("long", 1L << 40);
        headers.put("text", "Grüße, 世界");
        headers.put("time", new Date(1785587415000L));
        headers.put("null", null);
        headers.put("bytes", new byte[] {0, -1, 127});
        headers.put("table", Map.of("deep", Map.of("n", 7)));
        headers.put("array", Arrays.asList(1, true, null, "two")); // bunny drops what is short and last
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().deliveryMode(2).headers(headers).build();
        try (Connection connection = factory.newConnection(); Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                channel.basicPublish("", arguments[1], true, properties, Integer.toString(i).getBytes("UTF-8"));
            }
            channel.waitForConfirmsOrDie(60000);
        }
    }
}
