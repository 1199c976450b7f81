interface KnownComplaint {
  readonly pattern: RegExp;
  readonly explain: (complaint: string) => string;
}

/** The first match counts. */
const knownComplaints: readonly KnownComplaint[] = [
  {
    pattern: /^ssh cannot be run: .*ENOENT/,
    explain: () => "there is no program ssh on the PATH; install OpenSSH's client, or use another address",
  },
  {
    pattern: /identification has changed/i,
    explain: (said) =>
      `the host shows another key than before (${said}); find out why before you remove the old one (\`ssh-keygen -R HOST\`)`,
  },
  {
    pattern: /host key verification failed/i,
    explain: (said) => `ssh does not know the host's key (${said}); connect once by hand`,
  },
  {
    pattern: /permission denied \(/i,
    explain: (said) =>
      `ssh was refused (${said}); it asks for nothing here, so the key must be in its agent or without a passphrase`,
  },
  {
    pattern: /^(?=.*permission denied)(?=.*(?:docker|podman|\.sock))/is,
    explain: (said) =>
      `that user may not use the engine there (${said}); make him a member of its group (\`usermod -aG docker USER\`)`,
  },
  {
    pattern: /not found|unknown command|not recognized/i,
    explain: (said) =>
      `there is neither docker (18.09 or later) nor podman (4.0 or later) on that machine's PATH (${said})`,
  },
];

/** What ssh, or what it has run on the other machine, complains about, and what to do about it. */
export function sshReason(complaint: string): string {
  const known = knownComplaints.find(({ pattern }) => pattern.test(complaint));
  return known?.explain(complaint) ?? complaint;
}
