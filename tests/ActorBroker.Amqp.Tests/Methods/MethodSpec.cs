using ActorBroker.Amqp.Methods;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Methods;

public class MethodSpec
{
    public static TheoryData<string> Names => new(AnyMethod.All.Select(m => m.Name));

    [Fact]
    public void There_are_66() => Assert.Equal(66, AnyMethod.All.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Reads_back_what_it_wrote(string name)
    {
        var method = Get(name);
        Assert.Equal(method.Id, method.MethodId);
        method.Values.Sample(
            values =>
            {
                var written = method.Create(values);
                Assert.Equal((written, 0), method.Read(method.Write(written)));
            },
            iter: 50);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Refuses_its_arguments_wherever_they_are_cut(string name)
    {
        var method = Get(name);
        method.Values.Sample(
            values =>
            {
                var bytes = method.Write(method.Create(values));
                for (var cut = 0; cut < bytes.Length; cut++)
                {
                    Bytes.AssertSyntaxError(() => method.Read(bytes.AsSpan(0, cut)));
                }
            },
            iter: 5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_bytes_are_read_or_refused_with_502(string name)
    {
        var method = Get(name);
        Gen.Byte.Array[0, 60].Sample(bytes => Bytes.Tolerate(() => method.Read(bytes)), iter: 200);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_in_the_method_table_under_its_name(string name)
    {
        var info = MethodTable.Find(Get(name).Id);

        Assert.Equal(name, string.Concat(info!.Name.Split('.', '-').Select(w => char.ToUpperInvariant(w[0]) + w[1..])));
        Assert.Equal(info.HasContent, MethodTable.HasContent(info.Id));
    }

    [Fact]
    public void The_method_table_has_nothing_else() => Assert.Equal(66, MethodTable.All.Count);

    [Theory]
    [InlineData(BasicPublish.Id, "basic.publish (60, 40)")]
    [InlineData((60u << 16) | 41, "unknown method (60, 41)")]
    public void Describes_a_method_for_people(uint id, string text) => Assert.Equal(text, MethodTable.Describe(id));

    private static AnyMethod Get(string name) => AnyMethod.All.Single(m => m.Name == name);
}
