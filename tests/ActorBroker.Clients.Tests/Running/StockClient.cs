namespace ActorBroker.Clients.Tests.Running;

/// <summary>
/// A client library of somebody else. All parts are shell text, run in the folder of the programs with
/// <c>$BUILD</c> and <c>$CACHE</c> set; <c>$1</c> is the broker's address.
/// </summary>
/// <param name="name">As in the test names; the folder of its programs.</param>
/// <param name="debian">The Debian packages that bring it, for the reason of a skipped test.</param>
/// <param name="probe">Succeeds when the client can be used here.</param>
/// <param name="compile">Makes the programs in <c>$BUILD</c>; empty when nothing has to be made.</param>
/// <param name="exchange">Runs the whole exchange.</param>
internal sealed class StockClient(string name, string debian, string probe, string compile, string exchange)
{
    /// <summary>The class path of Debian's Java client.</summary>
    public const string JavaLibraries =
        "/usr/share/java/amqp-client.jar:/usr/share/java/slf4j-api.jar:/usr/share/java/slf4j-nop.jar";

    /// <summary>Debian's own Python: another one on the path does not see Debian's packages.</summary>
    public const string Python = "PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -u";

    public static readonly StockClient PythonPika = new(
        "python-pika", "python3-pika", "/usr/bin/python3 -c 'import pika'", "",
        $"{Python} python-pika/exchange.py \"$1\"");

    public static readonly StockClient PythonAioPika = new(
        "python-aio-pika", "python3-aio-pika", "/usr/bin/python3 -c 'import aio_pika'", "",
        $"{Python} python-aio-pika/exchange.py \"$1\"");

    public static readonly StockClient RubyBunny = new(
        "ruby-bunny", "ruby-bunny", "ruby -e 'require \"bunny\"'", "", "exec ruby ruby-bunny/exchange.rb \"$1\"");

    public static readonly StockClient PhpAmqpLib = new(
        "php-amqplib", "php-cli php-amqplib", "php -r 'require \"PhpAmqpLib/autoload.php\";'", "",
        "exec php php-amqplib/exchange.php \"$1\"");

    public static readonly StockClient GoAmqp091 = new(
        "go-amqp091", "golang-go golang-github-rabbitmq-amqp091-go-dev",
        "command -v go && test -d /usr/share/gocode/src/github.com/rabbitmq/amqp091-go",
        "CGO_ENABLED=0 GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode GOCACHE=\"$CACHE/go\" "
        + "go build -o \"$BUILD/exchange-go\" go-amqp091/exchange.go",
        "exec \"$BUILD/exchange-go\" \"$1\"");

    public static readonly StockClient CLibRabbitMQ = new(
        "c-librabbitmq", "gcc libc6-dev librabbitmq-dev", "command -v cc && test -e /usr/include/amqp.h",
        "cc -std=gnu11 -w -o \"$BUILD/exchange-c\" c-librabbitmq/exchange.c -lrabbitmq",
        "exec \"$BUILD/exchange-c\" \"$1\"");

    public static readonly StockClient Java = new(
        "java", "default-jdk-headless librabbitmq-client-java libslf4j-java",
        $"command -v javac && for jar in $(echo {JavaLibraries} | tr : ' '); do test -e $jar || exit 1; done",
        $"javac -cp {JavaLibraries} -d \"$BUILD/java\" java/*.java",
        $"exec java -cp {JavaLibraries}:\"$BUILD/java\" Exchange \"$1\"");

    public static readonly StockClient NodeAmqpLib = new(
        "node-amqplib", "nodejs npm, and a package registry that has amqplib",
        // once a machine, and kept: looked for before it is asked for
        "export NODE_PATH=\"$CACHE/node/node_modules\"; node -e 'require(\"amqplib\")' || { "
        + "npm install --prefix \"$CACHE/node\" --no-audit --no-fund amqplib && node -e 'require(\"amqplib\")'; }", "",
        "NODE_PATH=\"$CACHE/node/node_modules\" exec node node-amqplib/exchange.js \"$1\"");

    public static readonly StockClient AmqpTools = new(
        "amqp-tools", "amqp-tools", "for tool in publish get consume; do command -v amqp-$tool || exit 1; done",
        "", "");

    public static readonly StockClient Celery = new(
        "celery", "python3-celery", "/usr/bin/python3 -c 'import celery'", "", "");

    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan CompileLimit = TimeSpan.FromSeconds(180);

    private static readonly StockClient[] All =
    [
        PythonPika, PythonAioPika, RubyBunny, PhpAmqpLib, GoAmqp091, CLibRabbitMQ, Java, NodeAmqpLib, AmqpTools, Celery,
    ];

    private readonly Lazy<string?> _whyMissing = new(() => TryProbe(debian, probe));
    private readonly Lazy<Task> _compiled = new(() => SucceedAsync(compile, CompileLimit));

    /// <summary>As in the test names.</summary>
    public string Name => name;

    /// <summary>Runs the whole exchange; <c>$1</c> is the broker's address.</summary>
    public string Exchange => exchange;

    /// <summary>Why the client cannot be used here, or null when it can. Tried once.</summary>
    public string? WhyMissing => _whyMissing.Value;

    /// <exception cref="InvalidOperationException">No client has that name.</exception>
    public static StockClient Named(string name) => All.Single(client => client.Name == name);

    /// <summary>Starts shell text in the folder of the programs.</summary>
    public static ClientProgram Start(string script, params string[] arguments) =>
        ClientProgram.Start(script, Folders(), arguments);

    /// <summary>Makes its programs; once a run.</summary>
    public Task CompileAsync() => _compiled.Value;

    private static async Task SucceedAsync(string script, TimeSpan limit)
    {
        using var program = Start(script);
        await program.ShouldSucceedAsync(limit);
    }

    // tests are found synchronously, and only then can one be marked as skipped
    private static string? TryProbe(string debian, string probe)
    {
        using var program = Start(probe);
        return program.WaitSync(ProbeLimit)
            ? null
            : $"needs {debian}: `{probe}` failed ({program.Lines.LastOrDefault()})";
    }

    private static Dictionary<string, string> Folders() =>
        new() { ["BUILD"] = Sources.Build, ["CACHE"] = Sources.Cache };
}
