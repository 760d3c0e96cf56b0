using System.Net;

namespace ActorBroker.Core.Security;

/// <summary>Whom an address stands for when peers are counted.</summary>
internal static class PeerSource
{
    /// <summary>A connection within the process.</summary>
    public const string Process = "in-process";

    /// <summary>An IPv4 address as it is; of an IPv6 address its first 64 bits, since one host has all the rest.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return Process;
        }

        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4 || address.IsIPv4MappedToIPv6 || IPAddress.IsLoopback(address))
        {
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }

        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
