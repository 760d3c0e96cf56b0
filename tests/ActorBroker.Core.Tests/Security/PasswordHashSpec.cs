using ActorBroker.Core.Security;

namespace ActorBroker.Core.Tests.Security;

public sealed class PasswordHashSpec
{
    [Fact]
    public void Lets_in_a_user_that_RabbitMQ_exported()
    {
        // The example of RabbitMQ's own documentation.
        var hash = PasswordHash.Parse("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
        Assert.True(hash.Matches("test12"));
        Assert.False(hash.Matches("test13"));
        Assert.Equal(hash.Base64, PasswordHash.Create("test12", [0x90, 0x8D, 0xC6, 0x0A]).Base64);
    }

    [Theory]
    [InlineData(PasswordHashAlgorithm.Sha256)]
    [InlineData(PasswordHashAlgorithm.Sha512)]
    [InlineData(PasswordHashAlgorithm.Md5)]
    public void Goes_out_and_comes_back(object each)
    {
        var algorithm = (PasswordHashAlgorithm)each; // no public type: xunit wants public parameters
        var hash = PasswordHash.Create("pässword", [1, 2, 3, 4], algorithm);
        var back = PasswordHash.Parse(hash.Base64, hash.AlgorithmName);
        Assert.Equal(algorithm, back.Algorithm);
        Assert.True(back.Matches("pässword"));
        Assert.False(back.Matches("password"));
        Assert.False(back.Matches(""));
    }

    [Fact]
    public void Refuses_what_is_no_hash()
    {
        Assert.Throws<FormatException>(() => PasswordHash.Parse("!"));
        Assert.Throws<FormatException>(() => PasswordHash.Parse("AAAA"));
        Assert.Throws<FormatException>(() => PasswordHash.Parse("AAAA", "rabbit_password_hashing_crc"));
        Assert.Throws<ArgumentException>(() => PasswordHash.Create("x", [1]));
    }

    [Fact]
    public void A_user_has_a_hash_or_a_plain_password_or_none()
    {
        Assert.True(new User("u", PasswordHash.Create("p", [1, 2, 3, 4])).HasPassword("p"));
        Assert.True(User.WithPlainPassword("u", "p").HasPassword("p"));
        Assert.False(User.WithPlainPassword("u", "p").HasPassword("q"));
        Assert.False(User.WithPlainPassword("u", "").HasPassword(""));
        Assert.False(new User("u", null).HasPassword("p"));
        Assert.False(new User("u", PasswordHash.Create("", [1, 2, 3, 4])).HasPassword(""));
    }
}
