export interface ApiKeyTable {
  id: string;
  name: string;
  role: string;
  customer_id: string | null;
  /** Hex SHA-256; the key itself is shown once. */
  hash: string;
  created_at: string;
  /** Not valid from this instant on; null: until it is revoked. */
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  /** The user who made it; null: a command did. */
  made_by: string | null;
}

/** What an `Idempotency-Key` of an API key was used for. */
export interface ApiRequestTable {
  key_id: string;
  idempotency_key: string;
  /** Hex SHA-256 of what was asked. */
  request_hash: string;
  /** Null only inside the transaction that opens it. */
  dispute_id: string | null;
  created_at: string;
}

// better-auth's own tables, in its own column names and types.
export interface UserTable {
  id: string;
  name: string;
  email: string;
  emailVerified: number;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  /** `finance`, `administrator`, `auditor`; null for customer users. */
  staffRole: string | null;
  locale: string | null;
  timeZone: string | null;
}

export interface SessionTable {
  id: string;
  expiresAt: string;
  token: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  userId: string;
  activeOrganizationId: string | null;
}

export interface AccountTable {
  id: string;
  accountId: string;
  providerId: string;
  userId: string;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  accessTokenExpiresAt: string | null;
  refreshTokenExpiresAt: string | null;
  scope: string | null;
  password: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface VerificationTable {
  id: string;
  identifier: string;
  value: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
}

/** A customer: the company that signs in. */
export interface OrganizationTable {
  id: string;
  name: string;
  slug: string;
  logo: string | null;
  createdAt: string;
  metadata: string | null;
}

export interface MemberTable {
  id: string;
  organizationId: string;
  userId: string;
  role: string;
  createdAt: string;
}

export interface InvitationTable {
  id: string;
  organizationId: string;
  email: string;
  /** As the inviter calls the person. */
  name: string | null;
  role: string | null;
  status: string;
  expiresAt: string;
  createdAt: string;
  inviterId: string;
}
