using System.Net;
using System.Net.Sockets;

namespace ActorBroker.Core.Security;

/// <summary>Whom an address stands for when peers are counted.</summary>
internal static class PeerSource
{
    /// <summary>A connection within the process.</summary>
    public const string Process = "in-process";

    /// <summary>An IPv4 address as it is; of an IPv6 address its first 64 bits, since one host has all the rest.</summary>
    public static string Of(IPAddress? address)
    {
        switch (address)
        {
            case null:
                return Process;
            case { IsIPv4MappedToIPv6: true }:
                return address.MapToIPv4().ToString();
            case { AddressFamily: AddressFamily.InterNetworkV6 } when !IPAddress.IsLoopback(address):
                var bytes = address.GetAddressBytes();
                bytes.AsSpan(8).Clear();
                return $"{new IPAddress(bytes)}/64";
            default:
                return address.ToString();
        }
    }
}
